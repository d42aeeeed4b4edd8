import { messageOf, UserError } from "../../core/base/errors.ts";
import { announcePhase } from "../../core/workflow/phaseNames.ts";
import { findPlaceholders } from "../../core/workflow/placeholders.ts";
import { renderPhaseDocument, renderTaskDocument } from "../../core/workflow/renderDocuments.ts";
import { documentsOf, readAnswer, renderBrief } from "../../core/workflow/taskBrief.ts";
import { checkOutput, type TaskOutput } from "../../core/workflow/taskOutput.ts";
import { fillTemplate, type KnownFact } from "../../core/workflow/templateOutput.ts";
import { transition } from "../../core/workflow/transition.ts";
import type { TaskDefinition } from "../../core/workflow/workflowDefinition.ts";
import { type Effect, pendingEffects } from "../../core/workflow/workflowEffects.ts";
import type { Actor, WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import { hasFinished, phaseDocument, taskDocument, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { readDocument, writeDocument } from "./workflowDocuments.ts";
import { hashText } from "./workflowSeal.ts";
import type { WorkflowStore } from "./workflowStore.ts";

/** An answer that does not have the asked form is asked for again this often. */
const MAX_REPEATS = 2;

const ENGINE: Actor = { kind: "engine", name: "Trainyard" };

/** One request loop of an agent with its brief. Absent where no language model is at work. */
export type AskAgent = (
  asked: { workflow: string; agent: string; task: TaskDefinition; brief: string },
  signal: AbortSignal,
) => Promise<{ kind: "answered"; text: string } | { kind: "failed"; reason: string }>;

export type WorkflowHost = {
  now(): string;
  /** What was read in the workspace. */
  facts(signal: AbortSignal): Promise<readonly KnownFact[]>;
  askAgent?: AskAgent;
  /** Says what goes on, as Markdown for people. */
  progress(markdown: string): void;
  /** Agents that work at the same time. */
  maxParallel: number;
};

/** Where a workflow waits, and for what. */
export type Stand = {
  state: WorkflowState;
  effects: readonly Effect[];
  /** Tasks that only a person can do, since no language model is at work. */
  forPerson: readonly TaskDefinition[];
};

type Run = { store: WorkflowStore; id: string; host: WorkflowHost; signal: AbortSignal };

/** Does whatever needs no person, until something does. Safe to call again after a crash, and from two windows. */
export async function advanceWorkflow(run: Run): Promise<Stand> {
  const { store, id, host, signal } = run;
  let announced = "";
  for (;;) {
    signal.throwIfAborted();
    const state = await store.read(id, host.now());
    const effects = pendingEffects(state);
    announced = announce(state, announced, host);
    const [effect] = effects;
    if (effect?.kind === "write-document") {
      await writePhaseDocument(run, state, effect.phase);
    } else if (effect?.kind === "run-tasks") {
      const doable = host.askAgent === undefined ? effect.tasks.filter(isDoneByTemplate) : effect.tasks;
      if (doable.length === 0) {
        return { state, effects, forPerson: effect.tasks };
      }
      if (!(await runTasks(run, state, doable))) {
        return { state, effects, forPerson: [] };
      }
    } else {
      return { state, effects, forPerson: [] };
    }
  }
}

function announce(state: WorkflowState, announced: string, host: WorkflowHost): string {
  if (hasFinished(state) || state.isStopped) {
    return announced;
  }
  const text = announcePhase(state, state.current);
  if (text !== announced) {
    host.progress(text);
  }
  return text;
}

function isDoneByTemplate({ output }: TaskDefinition): boolean {
  return output.kind !== "files" && output.kind !== "checks";
}

async function writePhaseDocument({ store, id, host }: Run, state: WorkflowState, phase: number): Promise<void> {
  const folder = store.folderOf(id);
  const hash = await writeDocument(folder, phaseDocument(state, phase), renderPhaseDocument(state, phase));
  if (phase === state.phases.length - 1) {
    await writeDeliverables(folder, state);
  }
  const event = { kind: "document-written" as const, phase, hash };
  await store.apply(id, { event, by: ENGINE, at: host.now() });
}

async function writeDeliverables(folder: string, state: WorkflowState): Promise<void> {
  for (const { id, title, from } of state.definition.deliverables) {
    const documents = from.flatMap(findPlaceholders).flatMap((placeholder) => documentsOf(state, placeholder));
    const texts = await Promise.all(documents.map((document) => readDocument(folder, document)));
    await writeDocument(folder, `deliverables/${id}.md`, `# ${title}\n\n${texts.join("\n").replaceAll(/^#/gm, "##")}`);
  }
}

/** True when at least one of them came to an end; otherwise somebody else has changed the workflow meanwhile. */
async function runTasks(run: Run, state: WorkflowState, tasks: readonly TaskDefinition[]): Promise<boolean> {
  const waiting = [...tasks];
  let ended = 0;
  const worker = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      ended += (await runTask(run, state, task)) ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, run.host.maxParallel) }, worker));
  return ended > 0;
}

/** One task that fails does not end the others: its reason goes into the journal. */
async function runTask(run: Run, state: WorkflowState, task: TaskDefinition): Promise<boolean> {
  const { store, id, host } = run;
  const by: Actor = host.askAgent === undefined ? ENGINE : { kind: "agent", name: task.agent };
  const apply = (event: WorkflowEvent) => store.apply(id, { event, by, at: host.now() });
  const started = await apply({ kind: "task-started", task: task.id });
  if (started.refusal !== undefined) {
    return false;
  }
  const result = await workOn(run, state, task);
  if (typeof result === "string") {
    run.signal.throwIfAborted();
    const { refusal } = await apply({ kind: "task-failed", task: task.id, reason: result });
    return refusal === undefined;
  }
  const refusal = await finishTask({ store, id, at: host.now(), by }, task, result);
  if (refusal === undefined && host.askAgent !== undefined) {
    host.progress(`✓ ${task.title} (${task.agent})`);
  }
  return refusal === undefined;
}

/** Writes the document of a task and notes that it is done. `by` may be the person, who did it by hand. */
export async function finishTask(
  place: { store: WorkflowStore; id: string; at: string; by: Actor },
  task: TaskDefinition,
  output: TaskOutput,
): Promise<string | undefined> {
  const { store, id, at, by } = place;
  const state = await store.read(id, at);
  if (hasFinished(state)) {
    return "The workflow is finished.";
  }
  const text = renderTaskDocument(task.title, by.name, { output });
  const event = { kind: "task-finished" as const, task: task.id, hash: hashText(text), output };
  // Another window may have finished it meanwhile: what does not count must not take the place of what does.
  const { refusal } = transition(state, { event, by, at });
  if (refusal !== undefined) {
    return refusal;
  }
  await writeDocument(store.folderOf(id), taskDocument(state, state.current, task.id), text);
  return (await store.apply(id, { event, by, at })).refusal;
}

/** The output of a task, or why there is none. */
async function workOn(run: Run, state: WorkflowState, task: TaskDefinition): Promise<TaskOutput | string> {
  const { host, signal } = run;
  if (host.askAgent === undefined) {
    const filled = fillTemplate(task, { state, facts: await host.facts(signal) });
    return filled ?? "This is work for a person.";
  }
  try {
    const brief = await writeBrief(run, state, task);
    return await askUntilValid(run, { agent: task.agent, task, brief }, host.askAgent);
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
}

async function askUntilValid(
  run: Run,
  asked: { agent: string; task: TaskDefinition; brief: string },
  askAgent: AskAgent,
): Promise<TaskOutput | string> {
  let complaint = "";
  for (let attempt = 0; attempt <= MAX_REPEATS; attempt++) {
    const answer = await askAgent({ ...asked, workflow: run.id, brief: `${asked.brief}${complaint}` }, run.signal);
    if (answer.kind === "failed") {
      return answer.reason;
    }
    const value = readAnswer(answer.text);
    const { output, problems } =
      value === undefined ? { problems: ["no block of JSON was found"] } : checkOutput(asked.task.output, value);
    if (output !== undefined) {
      return output;
    }
    complaint = `\n\nYour answer before did not have the form: ${problems.join("; ")}. Give the whole answer again.`;
  }
  return `Three answers did not have the form that is needed. The last one: ${complaint.trim()}`;
}

/** Documents of earlier phases travel with a brief, as a person may have changed them. */
async function writeBrief({ store, id }: Run, state: WorkflowState, task: TaskDefinition): Promise<string> {
  const folder = store.folderOf(id);
  const needed = findPlaceholders(task.prompt).flatMap((placeholder) => documentsOf(state, placeholder));
  const before = state.phases.slice(0, state.current).map((_phase, index) => phaseDocument(state, index));
  const texts = new Map<string, string>();
  for (const document of [...needed, ...before]) {
    try {
      texts.set(document, (await readDocument(folder, document)) ?? "");
    } catch (cause) {
      throw new UserError(`${document} cannot be read: ${messageOf(cause)}.`, { cause });
    }
  }
  const textOf = (document: string) => texts.get(document) ?? "";
  const earlier = before.map((document) => ({ document, text: textOf(document) })).filter(({ text }) => text !== "");
  return renderBrief(task, state, { textOf, earlier });
}
