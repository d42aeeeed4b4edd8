import { basename } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { isCheckpointName } from "../../core/checkpoints/checkpointName.ts";
import { describeWithdrawn } from "../../core/workflow/approvalChanges.ts";
import { chosenLabel, gateChoices, gateQuestion } from "../../core/workflow/checkAnswers.ts";
import { describePhase, nameWorkflow } from "../../core/workflow/phaseNames.ts";
import { type Proof, type ProofKind, parseMetricProof } from "../../core/workflow/proof.ts";
import type { TaskOutput } from "../../core/workflow/taskOutput.ts";
import { turnOf } from "../../core/workflow/turn.ts";
import type { TaskDefinition, WorkflowDefinition } from "../../core/workflow/workflowDefinition.ts";
import type { WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import { coveredDocuments, hasFinished, phaseAt, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { recordedFiles } from "../../core/workflow/workSoFar.ts";
import type { WorkflowFile } from "../../node/workflow/workflowFiles.ts";
import { filesChangedSince, testFilesIn } from "./projectFiles.ts";
import { askQuestion, BACK } from "./questionSteps.ts";
import { describeProblems } from "./workflowDesk.ts";

/**
 * Which of the workflows that are shipped or lie in the workspace. One whose file has mistakes is shown with the first of them, which choosing it opens; then
 * nothing is begun.
 */
export async function askDefinition(files: readonly WorkflowFile[]): Promise<WorkflowDefinition> {
  const rows = files.map((file) => ({
    label: file.definition?.title ?? `$(warning) ${basename(file.path)}`,
    description: file.definition === undefined ? "has mistakes" : describeLength(file.definition),
    detail: file.definition?.description ?? file.problems[0]?.message ?? "",
    file,
  }));
  const { file } = await required(
    vscode.window.showQuickPick(rows, { title: "Start which workflow?", matchOnDetail: true }),
  );
  if (file.definition !== undefined) {
    return file.definition;
  }
  const { line = 0, column = 0 } = file.problems[0]?.range.start ?? {};
  const selection = new vscode.Range(line, column, line, column);
  await vscode.window.showTextDocument(vscode.Uri.file(file.path), { selection });
  throw new UserError(`${describeProblems(file)} Mend it, save it, then start it again.`);
}

function describeLength({ phases }: WorkflowDefinition): string {
  return phases.length === 1 ? "1 phase" : `${phases.length} phases`;
}

/** What a workflow is to do. `proposal` stands in the field already. */
export function askTask(definition: WorkflowDefinition, proposal?: string): Promise<string> {
  return required(
    vscode.window.showInputBox({
      title: `${definition.title}: what shall be done?`,
      prompt: definition.argumentHint,
      ignoreFocusOut: true,
      ...(proposal === undefined ? {} : { value: proposal }),
    }),
  );
}

/** What was answered and not taken yet, since a question was escaped or the answers were refused, by the workflow: nobody types it twice. */
const drafts = new Map<string, Record<string, string>>();

/**
 * Asks everything that a phase asks, one after another, with a way back to the question before. Cancelling any cancels all;
 * what was answered is proposed until it is forgotten.
 */
export async function askQuestions(
  state: WorkflowState,
): Promise<{ answers: Record<string, string>; configuration: Record<string, string> }> {
  const { definition } = phaseAt(state, state.current);
  const answers: Record<string, string> = {};
  const known = { ...state.answers, ...drafts.get(state.id) };
  for (let index = 0; index < definition.questions.length; ) {
    const question = definition.questions[index];
    if (question === undefined) {
      break;
    }
    const title = `${question.title} (${index + 1} of ${definition.questions.length})`;
    const earlier = answers[question.key] ?? known[question.key] ?? "";
    const answer = await askQuestion(question, { title, earlier, isFirst: index === 0 });
    if (answer === BACK) {
      index -= 1;
    } else {
      answers[question.key] = answer;
      drafts.set(state.id, { ...drafts.get(state.id), ...answers });
      index += 1;
    }
  }
  const configuration = definition.asksConfiguration ? await askConfiguration(state) : {};
  return { answers, configuration };
}

/** What was answered has been taken, so that it is proposed no more. */
export function forgetDraft(workflowId: string): void {
  drafts.delete(workflowId);
}

/** The configuration as one form: every option with its value, changed by picking it, taken as it stands by the first row. */
async function askConfiguration(state: WorkflowState): Promise<Record<string, string>> {
  const { configuration } = state.definition;
  const values = Object.fromEntries(
    configuration.map(({ key, default: usual }) => [key, state.configuration[key] ?? usual]),
  );
  for (;;) {
    const rows = configuration.map((option) => ({
      label: option.title,
      description: values[option.key] ?? "",
      detail: values[option.key] === option.default ? `Default: ${option.reason}` : `Default is ${option.default}`,
      option,
    }));
    const use = {
      label: "Use These Options",
      description: "",
      detail: "Or pick one below to change it",
      option: undefined,
    };
    const { option } = await required(
      vscode.window.showQuickPick([use, ...rows], {
        title: `Options of ${state.definition.title}`,
        ignoreFocusOut: true,
      }),
    );
    if (option === undefined) {
      return values;
    }
    values[option.key] = await required(
      vscode.window.showQuickPick([...option.values], {
        title: option.title,
        placeHolder: `Default: ${option.default}`,
        ignoreFocusOut: true,
      }),
    );
  }
}

/** Which of the choices of a gate; undefined where it offers none, or where an earlier choice stands. */
export async function askChoice(state: WorkflowState, phase: number): Promise<string | undefined> {
  const at = phaseAt(state, phase);
  const choices = gateChoices(at);
  if (choices.length === 0 || at.state.approval?.choice !== undefined) {
    return undefined;
  }
  const picked = await required(
    vscode.window.showQuickPick(
      choices.map(({ id, label }) => ({ label, id })),
      { title: gateQuestion(at) },
    ),
  );
  return picked.id;
}

/**
 * A phase that is left out is done by nobody. Whoever has typed `/skip` has said so already, and is asked only where that
 * ends the workflow.
 */
export async function askSkip(
  state: WorkflowState,
  { isAlwaysAsked, reason = "" }: { isAlwaysAsked: boolean; reason?: string },
): Promise<WorkflowEvent> {
  const { definition } = hasFinished(state) ? { definition: undefined } : phaseAt(state, state.current);
  const isLast = state.current === state.phases.length - 1;
  if (definition?.canSkip === true && (isLast || isAlwaysAsked)) {
    await confirm(
      isLast ? `Skip ${definition.title} and end the workflow?` : `Skip ${definition.title}?`,
      isLast ? "It is the last phase. Its documents are not written." : "Later phases go on without its documents.",
      "Skip",
    );
  }
  return { kind: "skipped", reason, turn: turnOf(state) };
}

/** The dialog for an approval that does not come from a button under what it approves. `warnings`: what to know before. */
export async function confirmApproval(
  state: WorkflowState,
  phase: number,
  { choice, warnings }: { choice: string | undefined; warnings: readonly string[] },
): Promise<void> {
  const documents = Object.entries(coveredDocuments(state, phase)).map(
    ([document, hash]) => `${document} (${hash.slice(0, 8)})`,
  );
  const at = phaseAt(state, phase);
  const isAgain = at.state.approval?.isWithdrawn === true;
  const question = gateQuestion(at);
  const chosen = gateChoices(at).find(({ id }) => id === choice)?.label ?? chosenLabel(at);
  await confirm(
    `${describePhase(state, phase)}: ${question}`,
    [
      nameWorkflow(state),
      ...(chosen === undefined ? [] : [`Your choice: ${chosen}`]),
      ...warnings,
      ...(isAgain ? [describeWithdrawn(state, phase)] : []),
      "The approval is for exactly these documents:",
      ...documents,
    ].join("\n"),
    "Approve",
  );
}

export async function confirm(message: string, detail: string, action: string): Promise<void> {
  await required(vscode.window.showWarningMessage(message, { modal: true, detail }, action));
}

type Recording = {
  /** What can be known without the person. */
  template: TaskOutput | undefined;
  /** As it was when the person began to record. */
  state: WorkflowState;
  /** In which the work was done. */
  folder: vscode.WorkspaceFolder;
  /** Whether checks may rest on tests that are run, and not on the person's word. */
  asksForTests: boolean;
};

/** What the person did for a task by hand. */
export async function askOutput(
  task: TaskDefinition,
  { template, state, folder, asksForTests }: Recording,
): Promise<TaskOutput> {
  switch (task.output.kind) {
    case "files":
      return askFiles(task, await filesChangedSince(folder, Date.parse(state.startedAt)), state);
    case "checks":
      return askChecks(task, asksForTests ? await testFilesIn(folder) : undefined);
    case "notes":
    case "risks":
    case "approach":
    case "findings":
      break;
  }
  if (template === undefined) {
    throw new RangeError(`There is no template for ${task.output.kind}.`);
  }
  return template;
}

const NO_FILE =
  "No file that was changed since this workflow began is named, so its documents will name none for this task. To name files, cancel, save them in this folder, then record again.";

async function askFiles(task: TaskDefinition, changed: readonly string[], state: WorkflowState): Promise<TaskOutput> {
  const recorded = recordedFiles(state);
  const picked =
    changed.length === 0
      ? []
      : await required(
          vscode.window.showQuickPick(
            changed.map((label) => ({ label, picked: !recorded.has(label) && !isCheckpointName(label) })),
            { title: `${task.title}: which files belong to it?`, canPickMany: true, ignoreFocusOut: true },
          ),
        );
  // A repair may change no file; anything else without one is more often forgotten than meant.
  if (picked.length === 0 && phaseAt(state, state.current).state.failures.length === 0) {
    await confirm(`Record "${task.title}" without a file?`, NO_FILE, "Record Without a File");
  }
  const summary = await required(
    vscode.window.showInputBox({
      title: `${task.title}: what was done?`,
      ignoreFocusOut: true,
      validateInput: (value) => (value.trim() === "" ? "Write a sentence." : undefined),
    }),
  );
  return { kind: "files", summary, files: picked.map(({ label }) => ({ path: label, purpose: task.title })), open: [] };
}

/** `tests`: the files that can show it; undefined where no tests are to be asked for. */
async function askChecks(task: TaskDefinition, tests: readonly string[] | undefined): Promise<TaskOutput> {
  const names = task.output.sections;
  const passed = await required(
    vscode.window.showQuickPick(
      names.map((label) => ({ label })),
      { title: `${task.title}: tick what passed`, canPickMany: true, ignoreFocusOut: true },
    ),
  );
  const evidence = await required(
    vscode.window.showInputBox({
      title: `${task.title}: how do you know?`,
      prompt: "The command, and the number or the line of output that shows it",
      ignoreFocusOut: true,
      validateInput: (value) => (value.trim() === "" ? "Results need their evidence." : undefined),
    }),
  );
  const kinds = passed.map(({ label }) => task.output.proofs?.[label]);
  const proofs = await askProofs(task, new Set(kinds), tests);
  const isPassed = (name: string) => passed.some(({ label }) => label === name);
  return {
    kind: "checks",
    checks: names.map((name) => {
      const proof = isPassed(name) ? proofs.get(task.output.proofs?.[name]) : undefined;
      return {
        name,
        status: isPassed(name) ? ("passed" as const) : ("failed" as const),
        evidence,
        ...(proof === undefined ? {} : { proof }),
      };
    }),
  };
}

/** What Trainyard can look at itself; where the person names nothing, it is their word that counts, and the document says so. */
async function askProofs(
  task: TaskDefinition,
  wanted: ReadonlySet<ProofKind | undefined>,
  tests: readonly string[] = [],
): Promise<Map<ProofKind | undefined, Proof>> {
  const proofs = new Map<ProofKind | undefined, Proof>();
  if (wanted.has("tests")) {
    const files = await askTestFiles(task, tests);
    if (files.length > 0) {
      proofs.set("tests", { kind: "tests", files });
    }
  }
  const metric = wanted.has("metric") ? await askMetric(task) : undefined;
  if (metric !== undefined) {
    proofs.set("metric", metric);
  }
  return proofs;
}

async function askTestFiles(task: TaskDefinition, files: readonly string[]): Promise<string[]> {
  if (files.length === 0) {
    return [];
  }
  const picked = await required(
    vscode.window.showQuickPick(
      files.map((label) => ({ label })),
      {
        title: `${task.title}: which tests show it?`,
        placeHolder: "They are run before it counts; with none of them it is recorded as your word",
        canPickMany: true,
        ignoreFocusOut: true,
      },
    ),
  );
  return picked.map(({ label }) => label);
}

async function askMetric(task: TaskDefinition): Promise<Proof | undefined> {
  const text = await required(
    vscode.window.showInputBox({
      title: `${task.title}: which metric shows it?`,
      prompt:
        "File, metric and baseline: results.json accuracy 0.9, or results.json accuracy baseline.json accuracy. Empty: it is recorded as your word",
      ignoreFocusOut: true,
      validateInput: (value) =>
        value.trim() === "" || parseMetricProof(value) !== undefined
          ? undefined
          : "Write file, metric and a number, or file, metric, file and metric.",
    }),
  );
  return parseMetricProof(text);
}

export async function required<T>(asked: Thenable<T | undefined>): Promise<T> {
  const answer = await asked;
  if (answer === undefined) {
    throw new vscode.CancellationError();
  }
  return answer;
}
