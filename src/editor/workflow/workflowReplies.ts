import { UserError } from "../../core/base/errors.ts";
import { escapeMarkdown, inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import { namedPhase } from "../../core/workflow/namedPhase.ts";
import { announcePhase, describePhase, isAnnouncement } from "../../core/workflow/phaseNames.ts";
import { renderCriteria, renderStatus, warn } from "../../core/workflow/renderDocuments.ts";
import { describeTampering } from "../../core/workflow/trust.ts";
import type { WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import { readWorkflowRequest } from "../../core/workflow/workflowRequest.ts";
import { hasFinished, phaseAt, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { advanceOrTell } from "./advanceOrTell.ts";
import { approveByDialog } from "./approval.ts";
import { askAgentOf } from "./askAgentOf.ts";
import { standReply } from "./standReply.ts";
import type { OpenWorkflow, WorkflowDesk } from "./workflowDesk.ts";
import { askSkip } from "./workflowQuestions.ts";
import { renderStand } from "./workflowReply.ts";

/** The agents that lead workflows, and the workflow that each begins without being told another one. */
const LEADERS = [
  {
    participant: "ml-trainer",
    name: "develop",
    usual: "ml-development",
    description: "develop a model in twelve guided phases with gates",
  },
  {
    participant: "mlops-engineer",
    name: "pipeline",
    usual: "mlops-pipeline",
    description: "design an ML pipeline in four phases, each building on the last",
  },
] as const;

type Answer = (
  desk: WorkflowDesk,
  request: SlashRequest & { participant: string },
  signal: AbortSignal,
) => Promise<Reply>;

const SHARED: readonly { name: string; description: string; answer: Answer }[] = [
  { name: "approve", description: "approve what the workflow shows, after a last look", answer: answerApprove },
  {
    name: "revise",
    description: "have the phase of the workflow done again, saying what should differ",
    answer: answerRevise,
  },
  { name: "skip", description: "skip the phase of the workflow, where it may be skipped", answer: answerSkip },
  { name: "status", description: "show where the workflow stands", answer: answerStatus },
  { name: "back", description: "go back to an earlier phase of the workflow", answer: answerBack },
];

export function workflowSlashCommands(desk: WorkflowDesk): SlashCommand[] {
  return LEADERS.flatMap(({ participant, name, usual, description }) => [
    {
      participant,
      name,
      description,
      offersHandoffs: false,
      answer: (request: SlashRequest, signal: AbortSignal) =>
        answerStart(desk, { ...request, participant, usual }, signal),
    },
    ...SHARED.map((shared) => ({
      participant,
      name: shared.name,
      description: shared.description,
      offersHandoffs: false,
      answer: (request: SlashRequest, signal: AbortSignal) => shared.answer(desk, { ...request, participant }, signal),
    })),
  ]);
}

/**
 * `/stop` belongs to the runs. It means the workflow where the person says so, and where a workflow is under way and
 * nothing runs.
 */
export function shareStop(stop: SlashCommand, desk: WorkflowDesk, isRunLive: () => Promise<boolean>): SlashCommand {
  return {
    ...stop,
    async answer(request, signal) {
      const isNamed = /^(?:the\s+)?workflow\b/i.test(request.prompt.trim());
      const [open] = await desk.unfinished(stop.participant);
      const isMeant =
        isNamed || (request.prompt.trim() === "" && open?.state.isStopped === false && !(await isRunLive()));
      if (!isMeant) {
        return stop.answer(request, signal);
      }
      return answerEvent(
        desk,
        { ...request, prompt: "", participant: stop.participant },
        { event: { kind: "stopped" }, signal },
      );
    },
  };
}

async function answerStart(
  desk: WorkflowDesk,
  request: SlashRequest & { participant: string; usual: string },
  signal: AbortSignal,
): Promise<Reply> {
  const asked = readWorkflowRequest(request.prompt);
  const isNew = asked.task !== "" || asked.slug !== undefined || asked.workflow !== undefined;
  const [open] = asked.goesOn === undefined && !isNew ? await desk.unfinished(request.participant) : [];
  const workflow =
    asked.goesOn !== undefined
      ? await desk.find(asked.goesOn)
      : (open ?? (await desk.begin(await desk.definition(asked.workflow ?? request.usual), asked)));
  const { capsule } = workflow.state;
  const loaded = capsule === undefined || asked.slug === undefined ? "" : announceCapsule(capsule);
  return proceed(desk, workflow, { request, signal, before: loaded });
}

function announceCapsule({ slug, keyFiles }: NonNullable<WorkflowState["capsule"]>): string {
  const missing = keyFiles.filter(({ isMissing }) => isMissing).map(({ path }) => inlineCode(path));
  return missing.length === 0
    ? `Loaded capsule: ${slug}`
    : `Loaded capsule: ${slug}\n\nIt names key files that are not there: ${missing.join(", ")}.`;
}

/** Lets the workflow go on and says where it waits. */
async function proceed(
  desk: WorkflowDesk,
  workflow: OpenWorkflow,
  turn: { request: SlashRequest; signal: AbortSignal; before?: string },
): Promise<Reply> {
  const { request, signal, before = "" } = turn;
  const said = before === "" ? [] : [before];
  const tell = request.progress ?? ((text: string) => void said.push(text));
  const progress = (text: string) => {
    isFolded &&= !isAnnouncement(text);
    tell(text);
  };
  // The chat folds what was said before a tool ran.
  let isFolded = false;
  const askAgent = askAgentOf(request, workflow, () => (isFolded = true));
  const door = { progress, ...(askAgent === undefined ? {} : { askAgent }), isFromChat: true };
  const stand = await advanceOrTell(desk, workflow, door, signal);
  const reply = await renderStand(standReply(desk, workflow, stand));
  const named = isFolded && !hasFinished(stand.state) ? [announcePhase(stand.state, stand.state.current)] : [];
  const warning = warn(describeTampering(stand.state));
  return {
    ...reply,
    offersHandoffs: false,
    markdown: [...said, ...named, warning, reply.markdown].filter((part) => part !== "").join("\n\n"),
  };
}

async function answerApprove(desk: WorkflowDesk, request: SlashRequest & { participant: string }, signal: AbortSignal) {
  const workflow = await currentWorkflow(desk, request);
  const approved = await approveByDialog(desk, workflow);
  return proceed(desk, { ...workflow, state: approved }, { request, signal, before: tampered(workflow) });
}

async function answerRevise(desk: WorkflowDesk, request: SlashRequest & { participant: string }, signal: AbortSignal) {
  return answerEvent(desk, request, { event: { kind: "revised", note: request.prompt.trim() }, signal });
}

async function answerSkip(desk: WorkflowDesk, request: SlashRequest & { participant: string }, signal: AbortSignal) {
  const { state } = await currentWorkflow(desk, request);
  const event = await askSkip(state, { isAlwaysAsked: false, reason: request.prompt.trim() });
  return answerEvent(desk, request, { event, signal });
}

/** Also from the end: what is done may have to be done again. */
async function answerBack(desk: WorkflowDesk, request: SlashRequest & { participant: string }, signal: AbortSignal) {
  const [finished] = await desk.led(request.participant);
  const [workflow = finished ?? (await currentWorkflow(desk, request))] = await desk.unfinished(request.participant);
  const { state: before } = workflow;
  const isBare = request.prompt.trim() === "";
  const phase = isBare ? Math.max(0, before.current - 1) : namedPhase(before, request.prompt);
  if (phase === undefined) {
    return askPhase(before, request.prompt.trim());
  }
  const state = await desk.apply(workflow, { kind: "went-back", phase });
  return proceed(desk, { ...workflow, state }, { request, signal, before: describeReturn(before, state) });
}

/** Going back withdraws approvals, so a phase that is not clear is asked for. */
function askPhase(state: WorkflowState, prompt: string): Reply {
  const begun = state.definition.phases.slice(0, state.current + 1);
  const lines = begun.map(({ title }, index) => `- \`/back ${index + 1}\` to ${escapeMarkdown(title)}`);
  return {
    markdown: [
      `"${escapeMarkdown(prompt, 100)}" names no phase to go back to, so nothing was changed. Type one of these:`,
      lines.join("\n"),
    ].join("\n\n"),
    offersHandoffs: false,
    buttons: [{ title: "Go Back…", command: "trainyard.goBackPhase", arguments: [{ id: state.id, isFromChat: true }] }],
  };
}

/** Where going back has led, and what has to be approved once more. */
function describeReturn(before: WorkflowState, after: WorkflowState): string {
  const withdrawn = before.phases.flatMap(({ approval }, index) =>
    approval !== undefined && !approval.isWithdrawn && after.phases[index]?.approval === undefined
      ? [describePhase(before, index)]
      : [],
  );
  const said = withdrawn.length === 0 ? "No approval was withdrawn." : `Approvals withdrawn: ${withdrawn.join(", ")}.`;
  return escapeMarkdown(`You are back in ${describePhase(after, after.current)}. ${said}`);
}

async function answerEvent(
  desk: WorkflowDesk,
  request: SlashRequest & { participant: string },
  { event, signal }: { event: WorkflowEvent; signal: AbortSignal },
): Promise<Reply> {
  const workflow = await currentWorkflow(desk, request);
  const state = await desk.apply(workflow, event);
  return proceed(desk, { ...workflow, state }, { request, signal, before: tampered(workflow) });
}

/** What was done to the journal before the person's event, which settles it. */
function tampered({ state }: OpenWorkflow): string {
  return warn(describeTampering(state));
}

/** The workflow that a command means: the one that changed last. */
async function currentWorkflow(desk: WorkflowDesk, request: { participant: string }): Promise<OpenWorkflow> {
  const [workflow] = await desk.unfinished(request.participant);
  if (workflow === undefined) {
    const leader = LEADERS.find(({ participant }) => participant === request.participant);
    throw new UserError(
      `No workflow of @${request.participant} is under way. Start one with /${leader?.name ?? "develop"}.`,
    );
  }
  return workflow;
}

async function answerStatus(
  desk: WorkflowDesk,
  { prompt, participant }: SlashRequest & { participant: string },
): Promise<Reply> {
  const { workflows, unreadable } = await desk.contents();
  const id = prompt.trim();
  // "Where does the pipeline stand?" names none.
  const isNamed = id !== "" && !/\s/.test(id);
  const own = workflows.filter(({ state }) =>
    isNamed ? state.id === id : state.definition.participant === participant,
  );
  const [shown, ...others] = own.toSorted((a, b) => b.state.changedAt.localeCompare(a.state.changedAt));
  const broken = unreadable.map((each) => `- ${inlineCode(each.id)}: ${escapeMarkdown(each.reason)}`);
  const anew = unreadable
    .filter(({ isBroken }) => isBroken)
    .map((each) => ({
      title: unreadable.length === 1 ? "Begin Anew…" : `Begin ${each.id} Anew…`,
      command: "trainyard.beginWorkflowAnew",
      arguments: [{ id: each.id, isFromChat: true }],
    }));
  if (shown === undefined) {
    const leader = LEADERS.find((each) => each.participant === participant);
    const none = broken.length === 0 ? "is here yet" : "that can be read is here";
    const start = `No workflow of @${participant} ${none}. Start one with \`/${leader?.name ?? "develop"}\`.`;
    return { markdown: [start, ...broken].join("\n\n"), buttons: anew };
  }
  const { state } = shown;
  const argument = { id: state.id, isFromChat: true };
  return {
    markdown: [
      `${escapeMarkdown(state.task, 300)} (${inlineCode(state.id)})`,
      renderStatus(state),
      ...(hasFinished(state) ? [renderCriteria(state)] : []),
      ...(others.length === 0 ? [] : ["Also here:", others.map(({ state: other }) => describeOther(other)).join("\n")]),
      ...broken,
    ].join("\n\n"),
    buttons: [
      ...(hasFinished(state)
        ? []
        : [{ title: "Continue", command: "trainyard.continueWorkflow", arguments: [argument] }]),
      ...(hasFinished(state) && state.definition.criteria.length > 0
        ? [{ title: "Mark Criterion…", command: "trainyard.markCriterion", arguments: [argument] }]
        : []),
      { title: "Export Dossier", command: "trainyard.exportDossier", arguments: [argument] },
      ...anew,
    ],
  };
}

function describeOther(state: WorkflowState): string {
  const where = hasFinished(state) ? "done" : phaseAt(state, state.current).definition.title;
  return `- ${inlineCode(state.id)}: ${escapeMarkdown(state.task, 100)}, ${where}`;
}
