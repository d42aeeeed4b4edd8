import { UserError } from "../base/errors.ts";
import { isAgentName } from "./agentName.ts";

/** Where a new agent is written, relative to the workspace folder. VS Code reads the same folder. */
export function agentTemplatePath(name: string): string {
  if (!isAgentName(name)) {
    throw new UserError(
      `\`${name}\` cannot be the name of an agent file. Use letters, digits and dashes, for example \`eval-agent\`.`,
    );
  }
  return `.github/agents/${name}.agent.md`;
}

/** What a new agent may do, and how it works. */
export type AgentTemplate = {
  title: string;
  detail: string;
  tools: readonly string[];
  instructions: readonly string[];
};

const FACTS_TOOL = "trainyard.trainyard/trainyardProjectFacts";

const PLACE_OF_FACTS =
  "- Read what the handoff packet and the workspace say before you answer, and name the file and line of each fact.";
const RETURN = "- Return what you found, what you changed, how you checked it, and what stays open.";

/** The agent that a handoff to nobody offers to create. */
const ADVISER: AgentTemplate = {
  title: "Adviser",
  detail: "Reads the workspace and answers",
  tools: ["read", "search", FACTS_TOOL],
  instructions: [
    PLACE_OF_FACTS,
    "- Make the smallest change that does the task, in the style the project already has.",
    "- Ask before you change behaviour that the task does not mention.",
    RETURN,
  ],
};

export const AGENT_TEMPLATES: readonly AgentTemplate[] = [
  ADVISER,
  {
    title: "Reviewer",
    detail: "Looks at a change and never edits",
    tools: ["read", "search", FACTS_TOOL, "trainyard.trainyard/trainyardCheckChange"],
    instructions: [
      "- Look at the change first, then at what it touches. Edit nothing.",
      "- A finding names file, line, what goes wrong and for which input, worst first. Taste is no finding.",
      "- Say what you did not look at.",
      "- Return the findings and one sentence: whether this can be merged.",
    ],
  },
  {
    title: "Engineer",
    detail: "Edits code and runs its checks",
    tools: ["read", "search", "edit", "execute", FACTS_TOOL, "trainyard.trainyard/trainyardCheckChange"],
    instructions: [
      "- This project is made with {tech_stack}. Keep its patterns and reuse what it has.",
      "- State the smallest change that does the task, make it, and run the test that would fail without it.",
      "- Ask before you add a dependency or change an interface.",
      RETURN,
    ],
  },
  {
    title: "Trainer",
    detail: "Starts trainings and reads their runs and checkpoints",
    tools: [
      "read",
      "search",
      "edit",
      FACTS_TOOL,
      "trainyard.trainyard/trainyardLaunchTraining",
      "trainyard.trainyard/trainyardRunStatus",
      "trainyard.trainyard/trainyardStopRun",
      "trainyard.trainyard/trainyardInspectCheckpoints",
    ],
    instructions: [
      "- This project trains with `{train_command}`, resumes with `{resume_command}`, and keeps checkpoints in {model_dirs}.",
      "- Change one thing at a time, and say before a run what its numbers would prove.",
      "- Start a run only when its plan was agreed to; never overwrite a checkpoint.",
      "- Return the run, its best checkpoint by validation, and what to try next.",
    ],
  },
];

export type AgentTemplateRequest = {
  name: string;
  /** What the agent is for; of one that a handoff leads to, what the handoff asks. */
  task: string;
  /** Who handed over; the new agent gets a button that hands the result back. */
  from?: string;
  template?: AgentTemplate;
};

/** A complete agent file that works as it is, in this chat and as a custom agent of VS Code. */
export function renderAgentTemplate({ name, task: asked, from, template = ADVISER }: AgentTemplateRequest): string {
  const task = asked.replaceAll(/\s+/g, " ").trim();
  const title = name.replaceAll("-", " ");
  const handoffs =
    from === undefined
      ? []
      : [
          "handoffs:",
          `  - label: "Return to ${from}"`,
          `    agent: ${JSON.stringify(from)}`,
          `    prompt: ${JSON.stringify(`Please continue with the result of ${name}.`)}`,
          "    send: false",
        ];
  return [
    "---",
    `name: ${JSON.stringify(name)}`,
    `description: ${JSON.stringify(from === undefined ? task : `Takes over when asked: ${task}`)}`,
    `tools: [${template.tools.map((tool) => JSON.stringify(tool)).join(", ")}]`,
    ...handoffs,
    "---",
    "",
    `You are the ${title} of this project. Your task: ${task}`,
    "",
    ...template.instructions,
    "",
  ].join("\n");
}
