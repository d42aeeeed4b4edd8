import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { fencedBlock, inlineCode, oneLine } from "../base/markdown.ts";
import { describeCall, textOf } from "./describeCall.ts";
import { describeReplacement } from "./describeReplacement.ts";
import { NotedRefusal } from "./notedRefusal.ts";
import { defineTool } from "./tool.ts";

/** A source file of a project; what is longer is data. */
const MAX_CONTENT_CHARACTERS = 200_000;

/** What is wrong with an input may be told at any length. */
const MAX_REASON_CHARACTERS = 500;

const ACTIONS = ["status", "list_files", "read_file", "write_file"] as const;

const workflowToolSchema = z.strictObject({
  action: z
    .enum(ACTIONS)
    .describe("status: where the workflows stand; list_files, read_file: the project; write_file: one file of it"),
  path: z.string().max(1_000).optional().describe("For read_file and write_file: relative to the workspace folder"),
  pattern: z.string().max(200).optional().describe("For list_files: a glob such as src/**/*.py"),
  agent: z.string().max(64).optional().describe("For write_file: the agent of the workflow that you are"),
  pass: z.string().max(64).optional().describe("Filled in for an agent that a workflow has put to work; leave it out"),
  content: z.string().max(MAX_CONTENT_CHARACTERS).optional().describe("For write_file: the whole new text"),
});

export type WorkflowToolInput = z.infer<typeof workflowToolSchema>;

/** `pass`: by which the window knows an agent that a workflow has put to work. */
export type AgentWrite = { agent: string; pass?: string; path: string; content: string };

/** What a call of the tool would move the workflow by, which is anything that it is not for; undefined for what it is for. */
export function readOtherAction(input: unknown): string | undefined {
  const asked = textOf(input, "action");
  return ACTIONS.some((action) => action === asked) ? undefined : asked;
}

/** The text that the person saw being replaced; undefined for a new file. */
export type ShownFile = { earlier: string | undefined };

/** `isOfPerson`: a file that is there and that no agent of this workflow has left as it is, so only the person lets it go. */
export type PlannedWrite = ShownFile & { isOfPerson: boolean };

/** A call that was refused; `agent`: in whose name it was made, where it says so. */
export type Refused = { agent?: string; pass?: string; attempt: string; reason: string };

export type WorkflowPorts = {
  describeWorkflows(): Promise<string>;
  /** Leaves a line in the journal of the workflow whose agent holds the pass, else of the one under way, where there is one. */
  noteRefusal(refused: Refused): Promise<void>;
  listFiles(pattern: string, pass?: string): Promise<readonly string[]>;
  /** The text of a file, or why it cannot be read. Contract: refuses paths outside of the workspace by throwing UserError. */
  readFile(path: string, pass?: string): Promise<string>;
  /** The text that would be replaced, or why nothing may be written. Changes nothing. */
  planWrite(write: AgentWrite): Promise<PlannedWrite | { refusal: string }>;
  /**
   * Shows the person what would be replaced. Contract: asks each time, whatever VS Code was told to allow; false where the
   * person does not let it, which is then noted in the journal.
   */
  askToReplace(write: AgentWrite, earlier: string): Promise<boolean>;
  /**
   * Contract: checks the phase, the agent and the path again, and that the file still is what was shown; throws a refusal as
   * UserError, as NotedRefusal where it stands in the journal already.
   */
  write(write: AgentWrite, shown: ShownFile): Promise<{ path: string }>;
};

const MAX_OPEN_QUESTIONS = 50;

/** What the person saw being replaced, by the write it was asked for. Questions that nobody answered must not pile up. */
class ShownFiles {
  readonly #files = new Map<string, ShownFile>();

  remember(write: AgentWrite, file: ShownFile): void {
    if (this.#files.size >= MAX_OPEN_QUESTIONS) {
      this.#files.clear();
    }
    this.#files.set(JSON.stringify(write), file);
  }

  take(write: AgentWrite): ShownFile | undefined {
    const key = JSON.stringify(write);
    const file = this.#files.get(key);
    this.#files.delete(key);
    return file;
  }
}

/** What the agents of a guided workflow work with; writing is theirs only where their phase allows it. */
export function workflowTool(ports: WorkflowPorts) {
  const shown = new ShownFiles();
  return defineTool<WorkflowToolInput>({
    name: "trainyard_workflow",
    referenceName: "trainyardWorkflow",
    displayName: "Guided Workflow",
    userDescription: "Where guided workflows stand, and what their agents read and write",
    modelDescription:
      "For guided workflows: says where they stand, lists and reads files of the project, and writes one file for an agent that is at work. " +
      "Writing is only for agents that a workflow has put to work; it is refused outside of the phases that allow it, for agents without that right, and outside of the project. " +
      "New files are asked about as the person has set it for this tool; a file that no agent of the workflow wrote is replaced only after the person has seen that very change and said yes. " +
      "It cannot approve, skip or go on: only the person does that, with a button. Do not try again what was refused.",
    icon: "$(checklist)",
    input: workflowToolSchema,
    onRefused: (input, refusal) => noteRefused(ports, input, refusal),
    progress: ({ action, path }) =>
      action === "write_file"
        ? `Writing ${path ?? "a file"}`
        : action === "read_file"
          ? `Reading ${path ?? "a file"}`
          : "Looking at the workflow",
    async confirm(input) {
      if (input.action !== "write_file") {
        return undefined;
      }
      const write = requireWrite(input);
      const plan = await ports.planWrite(write);
      // Nothing is asked for what is going to be refused, and `run` asks by itself where a yes must not be given in advance.
      if ("refusal" in plan || plan.isOfPerson) {
        return undefined;
      }
      shown.remember(write, plan);
      return {
        // The title is drawn without marks, which takes the underscores out of a path.
        title: `Let ${write.agent} write this file?`,
        message: `${inlineCode(write.path)}\n\n${fencedBlock(describeReplacement(plan.earlier ?? "", write.content), "diff")}`,
      };
    },
    async run(input, signal) {
      switch (input.action) {
        case "status":
          return { text: await ports.describeWorkflows() };
        case "list_files": {
          const files = await ports.listFiles(input.pattern ?? "**/*", input.pass);
          return { text: files.length === 0 ? "No file matches." : files.join("\n"), data: files };
        }
        case "read_file":
          return { text: await ports.readFile(requirePath(input), input.pass) };
        case "write_file":
          break;
      }
      const write = requireWrite(input);
      const agreed = await agreedFile(ports, write, shown);
      signal.throwIfAborted();
      const { path } = await ports.write(write, agreed);
      return { text: `Wrote ${path}.`, data: { path } };
    },
  });
}

/** Leaves a line for whatever was refused, and says of a try to move the workflow what it is. */
async function noteRefused(ports: WorkflowPorts, input: unknown, refusal: UserError): Promise<string | undefined> {
  const other = readOtherAction(input);
  const reason =
    other === undefined
      ? refusal.message
      : `The tool does not ${oneLine(other, 60)}, and no model can: only the person moves a workflow, with a button or a command. Do not try it again.`;
  if (!(refusal instanceof NotedRefusal)) {
    const [agent, pass] = [textOf(input, "agent"), textOf(input, "pass")];
    const attempt = describeCall("trainyard_workflow", input, agent === undefined ? "a model" : oneLine(agent, 60));
    await ports.noteRefusal({
      ...(agent === undefined ? {} : { agent }),
      ...(pass === undefined ? {} : { pass }),
      attempt,
      reason: oneLine(reason, MAX_REASON_CHARACTERS),
    });
  }
  return other === undefined ? undefined : reason;
}

/**
 * The file as the person has agreed to its being written. VS Code may have been told to allow the tool unasked, which
 * counts for new files and for those that agents of the workflow left, and for nothing else.
 */
async function agreedFile(ports: WorkflowPorts, write: AgentWrite, shown: ShownFiles): Promise<ShownFile> {
  const taken = shown.take(write);
  const plan = await ports.planWrite(write);
  if ("refusal" in plan) {
    // It is for `write` to note, and to throw.
    return taken ?? { earlier: undefined };
  }
  const { earlier, isOfPerson } = plan;
  if (isOfPerson && earlier !== undefined) {
    if (await ports.askToReplace(write, earlier)) {
      return { earlier };
    }
    throw new NotedRefusal(
      `The person did not let ${write.path} be replaced, so nothing was written. Leave it as it is, and say in your answer what you would have changed.`,
    );
  }
  if (taken === undefined) {
    throw new UserError(
      `${write.path} was not shown to anybody, so nothing was written. Call the tool again to show it.`,
    );
  }
  return taken;
}

function requirePath({ path }: WorkflowToolInput): string {
  if (path === undefined || path === "") {
    throw new UserError("Name the file with `path`.");
  }
  return path;
}

function requireWrite(input: WorkflowToolInput): AgentWrite {
  const { agent, content, pass } = input;
  if (agent === undefined || content === undefined) {
    throw new UserError("`write_file` needs `agent`, `path` and `content`.");
  }
  return { agent, path: requirePath(input), content, ...(pass === undefined ? {} : { pass }) };
}
