import * as vscode from "vscode";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import { formatLocalTime } from "../../core/base/localTime.ts";
import { oneLine, plainText } from "../../core/base/markdown.ts";
import { ASK_AGENT_COMMAND } from "../../core/chat/builtInNames.ts";
import { chosenLabel } from "../../core/workflow/checkAnswers.ts";
import { describePhase, nameWorkflow } from "../../core/workflow/phaseNames.ts";
import { describeMark, renderStatus, warn } from "../../core/workflow/renderDocuments.ts";
import { fillTemplate } from "../../core/workflow/templateOutput.ts";
import { describeTampering } from "../../core/workflow/trust.ts";
import { turnOf } from "../../core/workflow/turn.ts";
import { type TaskDefinition, tasksOf } from "../../core/workflow/workflowDefinition.ts";
import { pendingEffects } from "../../core/workflow/workflowEffects.ts";
import type { WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import { readWorkflowRequest } from "../../core/workflow/workflowRequest.ts";
import { type Approval, hasFinished, phaseAt, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { finishTask } from "../../node/workflow/advanceWorkflow.ts";
import { checkNamedFiles, findMissingFiles } from "../../node/workflow/namedFiles.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import type { CommandTable } from "../base/commands.ts";
import { languageModels } from "../base/languageModels.ts";
import { showReport } from "../base/shownText.ts";
import { requireOpenFolder } from "../base/workspace.ts";
import { advanceOrTell } from "./advanceOrTell.ts";
import { allowTestsByButton, approveByButton, goBackByButton, resumeByButton } from "./approval.ts";
import { compareWithApproved, compareWithKept, compareWithShown } from "./approvalAgain.ts";
import type { WorkflowArgument } from "./replyButton.ts";
import { standReply } from "./standReply.ts";
import { now, type OpenWorkflow, person, type WorkflowDesk } from "./workflowDesk.ts";
import { openDocument, showDossier } from "./workflowDocuments.ts";
import {
  askDefinition,
  askOutput,
  askQuestions,
  askSkip,
  askTask,
  confirm,
  forgetDraft,
  required,
} from "./workflowQuestions.ts";
import { continueCommand, renderStand } from "./workflowReply.ts";

const NAMED_CHARACTERS = 60;

/** A progress notification is a line or two. */
const SHOWN_CHARACTERS = 160;

const argumentSchema = z.object({
  id: z.string(),
  phase: z.number().optional(),
  ticket: z.string().optional(),
  choice: z.string().optional(),
  task: z.string().optional(),
  document: z.string().optional(),
  isFromChat: z.boolean().optional(),
});

type Handler = (workflow: OpenWorkflow, argument: WorkflowArgument) => Promise<WorkflowState | undefined>;

/** Buttons, the view and the palette. What changes a workflow goes on with it afterwards, in the chat or here. */
export function workflowCommands(desk: WorkflowDesk): CommandTable {
  const changing = (handler: Handler) => async (target?: unknown) => {
    const { workflow, argument } = await workflowOf(desk, target);
    const state = await handler(workflow, argument);
    if (state !== undefined) {
      await goOn(desk, { ...workflow, state }, argument.isFromChat === true);
    }
  };
  const showing =
    (handler: (workflow: OpenWorkflow, argument: WorkflowArgument) => Promise<void>) => async (target?: unknown) => {
      const { workflow, argument } = await workflowOf(desk, target, { isAny: true });
      await handler(workflow, argument);
    };
  const event = (ask: (state: WorkflowState) => Promise<WorkflowEvent>): Handler => {
    return async (workflow) => desk.apply(workflow, await ask(workflow.state));
  };
  return {
    startWorkflow: () => startWorkflow(desk),
    beginWorkflowAnew: (target?: unknown) => startAnew(desk, target),
    continueWorkflow: changing((workflow) => Promise.resolve(workflow.state)),
    answerWorkflow: changing(async (workflow) => {
      const answers = await askQuestions(requireQuestions(workflow.state));
      const state = await desk.apply(workflow, { kind: "answered", ...answers });
      forgetDraft(state.id);
      return state;
    }),
    approvePhase: changing((workflow, argument) => approveByButton(desk, workflow, argument)),
    revisePhase: changing(event(askRevision)),
    skipPhase: changing(event((state) => askSkip(state, { isAlwaysAsked: true }))),
    goBackPhase: changing((workflow, argument) => goBackByButton(desk, workflow, argument)),
    stopWorkflow: changing(event(() => Promise.resolve({ kind: "stopped" }))),
    resumeWorkflow: changing((workflow, argument) => resumeByButton(desk, workflow, argument)),
    confirmWorkflow: changing(event(askConfirmation)),
    recordTask: changing((workflow, argument) => recordTask(desk, workflow, argument)),
    runWorkflowTests: changing((workflow, argument) => allowTestsByButton(desk, workflow, argument)),
    measureAgain: changing((workflow) => measureAgain(desk, workflow)),
    retryTasks: changing((workflow) => retryTasks(desk, workflow)),
    markCriterion: showing(async (workflow) => {
      await desk.apply(workflow, await askMark(workflow.state));
    }),
    showWorkflow: showing(({ state }) => showReport(`${state.definition.title} Status`, renderStatus(state))),
    openWorkflowDocument: showing(openDocument),
    compareWorkflowDocument: showing((workflow, { phase, document }) =>
      phase === undefined
        ? compareWithApproved(workflow)
        : document === undefined
          ? compareWithShown(workflow, phase)
          : compareWithKept(workflow, phase, document),
    ),
    exportDossier: showing(showDossier),
  };
}

async function startWorkflow(desk: WorkflowDesk): Promise<void> {
  requireOpenFolder();
  const definition = await askDefinition(await desk.files());
  const task = await askTask(definition);
  await goOn(desk, await desk.begin(definition, readWorkflowRequest(task)), false);
}

async function startAnew(desk: WorkflowDesk, target: unknown): Promise<void> {
  const argument = argumentSchema.safeParse(target).data;
  const { beginAnew } = await import("./beginAnew.ts");
  await goOn(desk, await beginAnew(desk, argument?.id), argument?.isFromChat === true);
}

/** The workflow that a button or a row names, else the only one, else the one that is picked. */
async function workflowOf(desk: WorkflowDesk, target: unknown, { isAny = false } = {}) {
  const parsed = argumentSchema.safeParse(target);
  if (parsed.success) {
    return { workflow: await desk.find(parsed.data.id), argument: parsed.data };
  }
  const open = isAny ? (await desk.contents()).workflows : await desk.unfinished();
  if (open.length === 0) {
    throw new UserError("No guided workflow is under way here. Start one with Trainyard: Start Guided Workflow.");
  }
  const rows = open.map((workflow) => ({
    label: workflow.state.task,
    description: placeOf(workflow.state),
    detail: workflow.state.id,
    workflow,
  }));
  const workflow =
    open.length === 1
      ? open[0]
      : (await required(vscode.window.showQuickPick(rows, { title: "Which workflow is meant?" }))).workflow;
  if (workflow === undefined) {
    throw new vscode.CancellationError();
  }
  return { workflow, argument: { id: workflow.state.id } };
}

/** What tells two workflows of one task apart. */
function placeOf(state: WorkflowState): string {
  const where = hasFinished(state) ? "done" : describePhase(state, state.current);
  return `${where}, started ${formatLocalTime(state.startedAt, new Date())}`;
}

/** In the chat for its own buttons and where a language model can do the work; otherwise here, with the way into the chat. */
async function goOn(desk: WorkflowDesk, workflow: OpenWorkflow, isFromChat: boolean): Promise<void> {
  if (isFromChat || (await languageModels()).length > 0) {
    await vscode.commands.executeCommand(ASK_AGENT_COMMAND, continueCommand(workflow.state));
    return;
  }
  const said: string[] = [];
  const stand = await vscode.window.withProgress(
    // Tests run for minutes: whoever waits for them can end them.
    { location: vscode.ProgressLocation.Notification, title: workflow.state.definition.title, cancellable: true },
    (notification, token) => {
      const progress = (text: string) => {
        said.push(text);
        notification.report({ message: oneLine(plainText(text), SHOWN_CHARACTERS) });
      };
      return withAbortSignal(token, (signal) => advanceOrTell(desk, workflow, { progress, isFromChat: false }, signal));
    },
  );
  const reply = await renderStand(standReply(desk, workflow, stand));
  const warning = warn(describeTampering(stand.state));
  const shown = [...said, warning, reply.markdown].filter((part) => part !== "");
  await showReport(workflow.state.definition.title, shown.join("\n\n"));
  const [first] = reply.buttons ?? [];
  const inChat = "Continue in Chat";
  const message = `${nameWorkflow(stand.state)}: ${waitsFor(stand.state)}`;
  const answer = await vscode.window.showInformationMessage(
    message,
    ...(first === undefined ? [] : [first.title]),
    inChat,
  );
  if (answer === inChat) {
    await vscode.commands.executeCommand(ASK_AGENT_COMMAND, continueCommand(stand.state));
  } else if (answer !== undefined && first !== undefined) {
    const [argument] = first.arguments ?? [];
    const here = typeof argument === "object" && argument !== null ? { ...argument, isFromChat: false } : argument;
    await vscode.commands.executeCommand(first.command, here);
  }
}

function waitsFor(state: WorkflowState): string {
  return hasFinished(state)
    ? "done."
    : `Phase ${state.current + 1} of ${state.phases.length}, ${phaseAt(state, state.current).definition.title}, waits for you.`;
}

function requireQuestions(state: WorkflowState): WorkflowState {
  if (pendingEffects(state)[0]?.kind !== "ask-questions") {
    throw new UserError("This workflow asks nothing at the moment. /status says where it stands.");
  }
  return state;
}

async function askRevision(state: WorkflowState): Promise<WorkflowEvent> {
  const note = await required(
    vscode.window.showInputBox({
      title: "What should be different?",
      prompt: "Leave it empty to answer the questions of this phase anew",
      ignoreFocusOut: true,
    }),
  );
  return { kind: "revised", note, turn: turnOf(state) };
}

/** Names what is accepted; where nothing was approved, only that the workflow goes on here. */
async function askConfirmation(state: WorkflowState): Promise<WorkflowEvent> {
  const why = state.rewound ?? "It was worked on under another machine or another user, which cannot be checked here.";
  const tests = "Tests that were let run there are asked about again before they run here.";
  const approvals = state.phases.flatMap(({ approval }, phase) =>
    approval === undefined ? [] : [describeApproval(state, phase, approval)],
  );
  await (approvals.length === 0
    ? confirm("Go on with this workflow here?", `${why} It holds no approvals. ${tests}`, "Confirm")
    : confirm(
        "Accept the approvals that came with this workflow?",
        [`${why} ${tests}`, ...approvals].join("\n\n"),
        "Confirm",
      ));
  return { kind: "confirmed" };
}

function describeApproval(state: WorkflowState, phase: number, { by, at, hashes }: Approval): string {
  const when = formatLocalTime(at, new Date());
  const label = chosenLabel(phaseAt(state, phase));
  const choice = label === undefined ? "" : `, "${oneLine(label, NAMED_CHARACTERS)}"`;
  const documents = Object.entries(hashes).map(([document, hash]) => `${document} (${hash.slice(0, 8)})`);
  return [`${describePhase(state, phase)}${choice}, ${oneLine(by, NAMED_CHARACTERS)}, ${when}:`, ...documents].join(
    "\n",
  );
}

async function askMark(state: WorkflowState): Promise<WorkflowEvent> {
  const { criteria } = state.definition;
  if (criteria.length === 0) {
    throw new UserError(`${state.definition.title} has no success criteria.`);
  }
  const rows = criteria.map((criterion) => ({
    label: criterion.title,
    description: `${criterion.group} · ${describeMark(criterion, state.marks[criterion.id])}`,
    detail: state.marks[criterion.id]?.evidence,
    id: criterion.id,
  }));
  const { id } = await required(
    vscode.window.showQuickPick(rows, { title: "Mark which success criterion?", matchOnDescription: true }),
  );
  const states = [
    { label: "Met", status: "met" as const },
    { label: "Unmet", status: "unmet" as const },
    { label: "Measured in production", status: "in-production" as const },
  ];
  const { status } = await required(vscode.window.showQuickPick(states, { title: "Is it met?" }));
  const evidence = await required(
    vscode.window.showInputBox({
      title: "How do you know?",
      validateInput: (value) => (value.trim() === "" ? "A mark needs its evidence." : undefined),
    }),
  );
  return { kind: "criterion-marked", criterion: id, mark: { status, evidence } };
}

/** The person has done a task by hand, or takes the template to write it in the document. */
async function recordTask(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  argument: WorkflowArgument,
): Promise<WorkflowState> {
  const [effect] = pendingEffects(workflow.state);
  const tasks = tasksToRecord(workflow.state);
  const task = tasks.find(({ id }) => id === argument.task) ?? tasks[0];
  if (task === undefined) {
    throw new UserError("This workflow waits for no work of yours. /status says where it stands.");
  }
  const { state } = workflow;
  const isMeasured = effect?.kind === "ask-to-run-tests" || effect?.kind === "measure";
  const template = fillTemplate(task, { state, facts: [], checks: [] });
  const { folder } = workflow;
  const ports = desk.evidenceOf(folder);
  const output = await askOutput(task, { template, state, folder, asksForTests: !isMeasured });
  const falsehoods = [
    ...(await checkNamedFiles(ports, output)).map(({ says }) => says),
    ...(await findMissingFiles(ports, output)).map(
      (path) => `${path}, which your sentence names, is not in this folder.`,
    ),
  ];
  if (effect?.kind === "ask-about-failures") {
    await desk.apply(workflow, { kind: "task-retried", task: task.id });
  } else if (isMeasured) {
    await desk.apply(workflow, { kind: "task-reopened", task: task.id, turn: turnOf(state) });
  }
  const place = { store: workflow.store, id: state.id, state, at: now(), by: person() };
  const refusal = await finishTask(place, task, output);
  if (refusal !== undefined) {
    throw new UserError(refusal);
  }
  if (falsehoods.length > 0) {
    // A person may know better, and would otherwise lose all that was written.
    void vscode.window.showWarningMessage(`Recorded, but this could not be found: ${falsehoods.join(" ")}`);
  }
  return workflow.store.read(state.id, now());
}

/** What a person can do by hand: work that is due, what agents failed at, and checks that wait to be measured. */
function tasksToRecord(state: WorkflowState): readonly TaskDefinition[] {
  const [effect] = pendingEffects(state);
  switch (effect?.kind) {
    case "run-tasks":
    case "ask-about-failures":
      return effect.tasks;
    case "ask-to-run-tests":
    case "measure": {
      const open = new Set(effect.proofs.map(({ task }) => task));
      return tasksOf(phaseAt(state, effect.phase).definition).filter(({ id }) => open.has(id));
    }
    case undefined:
    case "ask-questions":
    case "write-document":
    case "ask-approval":
    case "ask-confirmation":
      break;
  }
  return [];
}

/** At a gate with checks that failed, and where something was in the way of measuring. */
async function measureAgain(desk: WorkflowDesk, workflow: OpenWorkflow): Promise<WorkflowState> {
  const [effect] = pendingEffects(workflow.state);
  if (effect?.kind === "measure") {
    return workflow.state;
  }
  if (effect?.kind !== "ask-approval") {
    throw new UserError("No check of this workflow waits to be measured again. /status says where it stands.");
  }
  return desk.apply(workflow, { kind: "proofs-reopened", phase: effect.phase });
}

async function retryTasks(desk: WorkflowDesk, workflow: OpenWorkflow): Promise<WorkflowState> {
  const [effect] = pendingEffects(workflow.state);
  let { state } = workflow;
  for (const { id } of effect?.kind === "ask-about-failures" ? effect.tasks : []) {
    state = await desk.apply(workflow, { kind: "task-retried", task: id });
  }
  return state;
}
