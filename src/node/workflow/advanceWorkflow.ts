import { join } from "node:path";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { readAnswer } from "../../core/workflow/modelAnswer.ts";
import type { OutputProblem } from "../../core/workflow/outputProblems.ts";
import { announcePhase } from "../../core/workflow/phaseNames.ts";
import { findPlaceholders } from "../../core/workflow/placeholders.ts";
import {
  ENGINE_NAME,
  formatTokens,
  renderPhaseDocument,
  renderTaskDocument,
} from "../../core/workflow/renderDocuments.ts";
import { judgeSilence, type StaticFinding } from "../../core/workflow/staticFinding.ts";
import { chosenApproaches, documentsOf, renderBrief } from "../../core/workflow/taskBrief.ts";
import { findOutput, type TaskOutput } from "../../core/workflow/taskOutput.ts";
import { fillTemplate, type KnownFact } from "../../core/workflow/templateOutput.ts";
import { isTurnOf, turnOf } from "../../core/workflow/turn.ts";
import type { TaskDefinition } from "../../core/workflow/workflowDefinition.ts";
import { type Effect, pendingEffects } from "../../core/workflow/workflowEffects.ts";
import type { Actor, WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import { hasFinished, phaseDocument, taskDocument, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { writeDeliverables } from "./deliverables.ts";
import { keepOutputs, withEditedOutputs } from "./editedOutputs.ts";
import { workWhileWanted } from "./journalWatch.ts";
import { checkKeyFiles } from "./keyFiles.ts";
import type { EvidencePorts } from "./measureProof.ts";
import { measureProofs } from "./measureProofs.ts";
import { checkNamedFiles } from "./namedFiles.ts";
import { takeTaskLease } from "./taskLease.ts";
import { readDocument, writeDocument } from "./workflowDocuments.ts";
import { hashText } from "./workflowSeal.ts";
import type { WorkflowStore } from "./workflowStore.ts";
import { readSkills } from "./workspaceSkills.ts";

/** An answer that does not have the asked form is asked for again this often. */
const MAX_REPEATS = 2;

/** More would not be mended any better. */
const MAX_FALSEHOODS = 8;

const ENGINE: Actor = { kind: "engine", name: ENGINE_NAME };

/** One request loop of an agent with its brief; `read`: the files that it read. Absent where no language model is at work. */
export type AskAgent = (
  asked: { workflow: string; agent: string; task: TaskDefinition; brief: string; maxTokens: number },
  signal: AbortSignal,
) => Promise<
  (
    | { kind: "answered"; text: string; endsInTools?: boolean; read?: readonly string[] }
    | { kind: "failed"; reason: string }
  ) & {
    tokens: number;
    model?: string;
  }
>;

export type WorkflowHost = {
  now(): string;
  /** What was read in the workspace. */
  facts(signal: AbortSignal): Promise<readonly KnownFact[]>;
  /** What reading the code found. */
  staticChecks(signal: AbortSignal): Promise<readonly StaticFinding[]>;
  askAgent?: AskAgent;
  /** What claims are looked at with. */
  evidence: EvidencePorts;
  /** Tokens that one task may take, over all its requests. */
  maxTokensPerTask: number;
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
  /** Why checks that wait to be measured cannot be measured here. */
  obstacle?: string;
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
      if (!(await writePhaseDocument(run, state, effect.phase))) {
        return changedMeanwhile(run);
      }
    } else if (effect?.kind === "measure") {
      const { isElsewhere, obstacle } = await measureProofs(run, effect);
      if (isElsewhere || obstacle !== undefined) {
        return { ...(await changedMeanwhile(run)), ...(obstacle === undefined ? {} : { obstacle }) };
      }
    } else if (effect?.kind === "run-tasks") {
      const doable = host.askAgent === undefined ? effect.tasks.filter(isDoneByTemplate) : effect.tasks;
      if (doable.length === 0) {
        return { state, effects, forPerson: effect.tasks };
      }
      if (!(await runTasks(run, state, doable))) {
        return changedMeanwhile(run);
      }
    } else {
      if (hasFinished(state)) {
        await writeDeliverables(store.folderOf(id), state);
      }
      return { state, effects, forPerson: [] };
    }
  }
}

/** Another window or the person has moved the workflow on, or is at work on it. */
async function changedMeanwhile({ store, id, host }: Run): Promise<Stand> {
  const state = await store.read(id, host.now());
  return { state, effects: pendingEffects(state), forPerson: [] };
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

/** False where the workflow has moved on meanwhile, and its document is somebody else's by now. */
async function writePhaseDocument({ store, id, host }: Run, state: WorkflowState, phase: number): Promise<boolean> {
  const folder = store.folderOf(id);
  const render = (now: WorkflowState) => withEditedOutputs(folder, now, renderPhaseDocument(now, phase), { phase });
  const text = await render(state);
  const event = { kind: "document-written" as const, phase, hash: hashText(text) };
  const { refusal } = await store.apply(id, { event, by: ENGINE, at: host.now() }, async (now) => {
    if ((await render(now)) !== text) {
      return "What the document is about has changed meanwhile.";
    }
    await keepOutputs(folder, now, phase);
    await writeDocument(folder, phaseDocument(now, phase), text);
    if (phase === now.phases.length - 1) {
      await writeDeliverables(folder, now);
    }
    return undefined;
  });
  return refusal === undefined;
}

/** True when at least one of them came to an end; otherwise somebody else is at work on them, or has changed the workflow. */
async function runTasks(run: Run, state: WorkflowState, tasks: readonly TaskDefinition[]): Promise<boolean> {
  const waiting = [...tasks];
  let ended = 0;
  const worker = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      ended += (await runTask(run, state, task)) ? 1 : 0;
    }
  };
  const workers = Array.from({ length: Math.max(1, run.host.maxParallel) }, worker);
  try {
    await Promise.all(workers);
  } finally {
    // After a fault none begins any more, and nobody works on behind the back of whoever is told of it.
    waiting.length = 0;
    await Promise.allSettled(workers);
  }
  return ended > 0;
}

/** One task that fails does not end the others: its reason goes into the journal. */
async function runTask(run: Run, state: WorkflowState, task: TaskDefinition): Promise<boolean> {
  const lease = await takeTaskLease(run.store.folderOf(run.id), task.id);
  if (lease === undefined) {
    return false;
  }
  try {
    return await runLeasedTask(run, state, task);
  } finally {
    await lease.release();
  }
}

async function runLeasedTask(run: Run, state: WorkflowState, task: TaskDefinition): Promise<boolean> {
  const { store, id, host } = run;
  const by: Actor = host.askAgent === undefined ? ENGINE : { kind: "agent", name: task.agent };
  const apply = (event: WorkflowEvent) => store.apply(id, { event, by, at: host.now() });
  const started = await apply({ kind: "task-started", task: task.id });
  if (started.refusal !== undefined) {
    return false;
  }
  const journal = join(store.folderOf(id), "journal.jsonl");
  const holds = async () => {
    const now = await store.read(id, host.now());
    return !now.isStopped && isTurnOf(now, turnOf(state));
  };
  const worked = await workWhileWanted({ journal, holds, signal: run.signal }, (signal) =>
    workOn({ ...run, signal }, state, task),
  );
  if (!worked.isWanted) {
    return false;
  }
  const { output, reason, tokens, model } = worked.result;
  const spent = tokens === 0 ? {} : { tokens };
  if (output === undefined) {
    run.signal.throwIfAborted();
    const { refusal } = await apply({ kind: "task-failed", task: task.id, reason, turn: turnOf(state), ...spent });
    return refusal === undefined;
  }
  const refusal = await finishTask({ store, id, state, at: host.now(), by, ...spent }, task, output);
  if (refusal === undefined && host.askAgent !== undefined) {
    const cost = tokens === 0 ? "" : `, about ${formatTokens(tokens)} tokens`;
    host.progress(`✓ ${task.title} (${task.agent})${cost}${model === undefined ? "" : ` of ${model}`}`);
  }
  return refusal === undefined;
}

/**
 * Writes the document of a task and notes that it is done, unless the workflow has moved on from `state`, in which the work
 * began. `by` may be the person, who did it by hand.
 */
export async function finishTask(
  place: { store: WorkflowStore; id: string; state: WorkflowState; at: string; by: Actor; tokens?: number },
  task: TaskDefinition,
  output: TaskOutput,
): Promise<string | undefined> {
  const { store, id, state, at, by, tokens } = place;
  if (hasFinished(state)) {
    return "The workflow is finished.";
  }
  const text = renderTaskDocument(task.title, by.name, { output });
  const document = taskDocument(state, state.current, task.id);
  const about = { task: task.id, hash: hashText(text), output, turn: turnOf(state) };
  const event = { kind: "task-finished" as const, ...about, ...(tokens === undefined ? {} : { tokens }) };
  const { refusal } = await store.apply(id, { event, by, at }, async () => {
    await writeDocument(store.folderOf(id), document, text);
    return undefined;
  });
  return refusal;
}

/** The output of a task, or the reason why there is none. */
type Worked = { output?: TaskOutput; reason: string; tokens: number; model?: string };

async function workOn(run: Run, state: WorkflowState, task: TaskDefinition): Promise<Worked> {
  const { host, signal } = run;
  if (host.askAgent === undefined) {
    const checks = task.usesChecks ? await checksFor(run, state) : [];
    const filled = fillTemplate(task, { state, facts: await host.facts(signal), checks });
    return { ...(filled && { output: filled }), reason: "This is work for a person.", tokens: 0 };
  }
  try {
    const brief = await writeBrief(run, state, task);
    return await askUntilValid(run, { agent: task.agent, task, brief }, host.askAgent);
  } catch (error) {
    if (error instanceof UserError) {
      return { reason: error.message, tokens: 0 };
    }
    throw error;
  }
}

/** A model that goes on looking until its tools or its tokens are used up. */
const NO_ANSWER: OutputProblem = {
  says: "it kept calling tools and gave no answer",
  toAgent: "you kept calling tools and gave no answer; call fewer of them, then answer",
};

async function askUntilValid(
  { id, host, signal }: Run,
  asked: { agent: string; task: TaskDefinition; brief: string },
  askAgent: AskAgent,
): Promise<Worked> {
  const read: string[] = [];
  let { brief } = asked;
  let mistake = "";
  let tokens = 0;
  let silent = 0;
  for (let attempt = 0; attempt <= MAX_REPEATS; attempt++) {
    const maxTokens = host.maxTokensPerTask - tokens;
    if (maxTokens <= 0) {
      const reason = `It took about ${formatTokens(tokens)} tokens, which is what one agent may take, without an answer that could be used.${mistake === "" ? "" : ` The last one: ${mistake}.`}`;
      return { reason, tokens };
    }
    const answer = await askAgent({ ...asked, workflow: id, brief, maxTokens }, signal);
    tokens += answer.tokens;
    if (answer.kind === "failed") {
      return { reason: answer.reason, tokens };
    }
    read.push(...(answer.read ?? []));
    const { output, problems } = findOutput(asked.task.output, readAnswer(answer.text));
    const falsehoods = output === undefined ? [] : await findFalsehoods(host.evidence, asked.task, { output, read });
    if (output !== undefined && falsehoods.length === 0) {
      return { output, reason: "", tokens, ...(answer.model && { model: answer.model }) };
    }
    const isToolsOnly = answer.endsInTools === true && output === undefined;
    const mistakes = isToolsOnly ? [NO_ANSWER] : output === undefined ? problems : falsehoods.slice(0, MAX_FALSEHOODS);
    silent += isToolsOnly ? 1 : 0;
    mistake = mistakes.map(({ says }) => says.replace(/\.$/, "")).join("; ");
    const complaint =
      output === undefined
        ? `did not have the form: ${mistakes.map(({ toAgent }) => toAgent).join("; ")}.`
        : `cannot be used: ${mistakes.map(({ toAgent }) => toAgent).join(" ")}`;
    brief = `${asked.brief}\n\nYour answer before ${complaint} Give the whole answer again.`;
  }
  if (silent > MAX_REPEATS) {
    return { reason: `${asked.agent} was asked three times, kept calling tools and gave no answer.`, tokens };
  }
  return {
    reason: `${asked.agent} answered three times, and no answer could be used. The last one: ${mistake}.`,
    tokens,
  };
}

async function findFalsehoods(
  evidence: EvidencePorts,
  task: TaskDefinition,
  answer: { output: TaskOutput; read: readonly string[] },
): Promise<OutputProblem[]> {
  const untrue = await checkNamedFiles(evidence, answer.output);
  return untrue.length > 0 ? untrue : checkKeyFiles(evidence, task, answer);
}

/** Documents of earlier phases travel with a brief, as a person may have changed them. */
async function writeBrief(run: Run, state: WorkflowState, task: TaskDefinition): Promise<string> {
  const { store, id, host } = run;
  const folder = store.folderOf(id);
  const needed = findPlaceholders(task.prompt).flatMap((placeholder) => documentsOf(state, placeholder));
  const before = state.phases.slice(0, state.current).map((_phase, index) => phaseDocument(state, index));
  const texts = new Map<string, string>();
  for (const document of [...needed, ...chosenApproaches(state), ...before]) {
    try {
      texts.set(document, (await readDocument(folder, document)) ?? "");
    } catch (cause) {
      throw new UserError(`${document} cannot be read: ${messageOf(cause)}.`, { cause });
    }
  }
  const textOf = (document: string) => texts.get(document) ?? "";
  const earlier = before.map((document) => ({ document, text: textOf(document) })).filter(({ text }) => text !== "");
  const checks = task.usesChecks ? { checks: await checksFor(run, state) } : {};
  const skills = await readSkills(host.evidence.workspaceFolder);
  return renderBrief(task, state, { textOf, earlier, skills, ...checks });
}

async function checksFor({ host, signal }: Run, state: WorkflowState): Promise<StaticFinding[]> {
  return judgeSilence(await host.staticChecks(signal), state.files);
}
