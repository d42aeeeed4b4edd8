import * as path from "node:path";
import { escapeMarkdown, escapeSentence, inlineCode } from "../../core/base/markdown.ts";
import type { Reply, ReplyButton } from "../../core/chat/reply.ts";
import { describeWithdrawn, nameDocument } from "../../core/workflow/approvalChanges.ts";
import { gateChoices, gateQuestion } from "../../core/workflow/checkAnswers.ts";
import { cutDocument } from "../../core/workflow/cutDocument.ts";
import type { KeptEdit } from "../../core/workflow/keptEdits.ts";
import { describeMissing, missingDocuments } from "../../core/workflow/missingDocuments.ts";
import { narrowTables } from "../../core/workflow/narrowTables.ts";
import { type OpenProof, openProofs } from "../../core/workflow/phaseChecks.ts";
import { describePhase } from "../../core/workflow/phaseNames.ts";
import { describeProof } from "../../core/workflow/proof.ts";
import { canMeasureAgain } from "../../core/workflow/proofEvents.ts";
import { renderCriteria } from "../../core/workflow/renderDocuments.ts";
import { compareApproaches } from "../../core/workflow/renderOutput.ts";
import { countUnknown } from "../../core/workflow/templateOutput.ts";
import { fingerprintOf } from "../../core/workflow/testPermission.ts";
import { type TaskDefinition, tasksOf } from "../../core/workflow/workflowDefinition.ts";
import type { Effect } from "../../core/workflow/workflowEffects.ts";
import {
  coveredDocuments,
  hasFinished,
  type PhaseState,
  phaseAt,
  phaseDocument,
  type TestContents,
  type WorkflowState,
} from "../../core/workflow/workflowState.ts";
import type { Stand } from "../../node/workflow/advanceWorkflow.ts";
import { keptName } from "../../node/workflow/workflowDocuments.ts";
import { issueTicket } from "./gateTickets.ts";

const ELSEWHERE =
  "This workflow was worked on under another machine or another user, whose approvals cannot be checked here.";

/** The buttons of replies work in the chat that shows them, and continue there. */
export type WorkflowArgument = {
  id: string;
  phase?: number;
  ticket?: string;
  choice?: string;
  task?: string;
  document?: string;
  isFromChat?: boolean;
};

/** What the person sees where a workflow waits: what happened, what is asked, and the buttons that answer it. */
export type StandReply = {
  stand: Stand;
  folder: string;
  readDocument: (document: string) => Promise<string | undefined>;
  /** What differs from what was approved at a gate, as Markdown. */
  describeChanges: (gate: number) => Promise<string>;
  /** The person's own texts of documents of a phase that were written anew. */
  readKept: (phase: number) => Promise<readonly KeptEdit[]>;
  /** What the test files that proofs name hold, and the code around them. */
  readTests: (proofs: readonly OpenProof[]) => Promise<TestContents>;
};

export async function renderStand({
  stand,
  folder,
  readDocument,
  describeChanges,
  readKept,
  readTests,
}: StandReply): Promise<Reply> {
  const { state, effects, forPerson, obstacle } = stand;
  const [effect] = effects;
  if (state.isStopped) {
    return {
      markdown: "The workflow is stopped. Nothing is lost.",
      buttons: [button("Resume", "resumeWorkflow", state)],
    };
  }
  if (effect === undefined) {
    return renderFinish(state, folder);
  }
  if (forPerson.length > 0) {
    return renderWork(state, forPerson, folder);
  }
  if (effect.kind === "ask-to-run-tests") {
    return renderTests(state, effect, await readTests(effect.proofs));
  }
  if (effect.kind === "measure" && obstacle !== undefined) {
    return renderObstacle(state, effect, obstacle);
  }
  const missing = effect.kind === "ask-approval" ? missingDocuments(state, effect.phase) : [];
  if (missing.length > 0) {
    return renderMissing(state, missing);
  }
  if (effect.kind !== "ask-approval") {
    return renderQuestion(state, effect);
  }
  const text = await readDocument(phaseDocument(state, effect.phase));
  const changes = effect.isAgain ? await describeChanges(effect.phase) : "";
  return renderGate(state, effect, { folder, text, changes, kept: await readKept(effect.phase) });
}

function renderQuestion(
  state: WorkflowState,
  effect: Exclude<Effect, { kind: "ask-approval" | "ask-to-run-tests" }>,
): Reply {
  switch (effect.kind) {
    case "ask-questions":
      return renderQuestions(state, effect.phase);
    case "ask-about-failures":
      return renderFailures(state, effect);
    case "ask-confirmation":
      return {
        markdown: `${escapeMarkdown(state.rewound ?? ELSEWHERE)} Look at \`/status\` and the documents; then confirm what was approved. Afterwards you can go back to any phase. Tests are asked about anew before they run here.`,
        buttons: [
          button("Confirm…", "confirmWorkflow", state),
          button("Open Journal", "openWorkflowDocument", state, { document: "journal.jsonl" }),
        ],
      };
    case "measure":
      return {
        markdown: "Another window is measuring what the checks rest on.",
        buttons: [button("Continue", "continueWorkflow", state)],
      };
    case "run-tasks":
    case "write-document":
      break;
  }
  return {
    markdown: "Another window is working on this workflow at the moment.",
    buttons: [button("Continue", "continueWorkflow", state)],
  };
}

function renderQuestions(state: WorkflowState, phase: number): Reply {
  const { definition } = phaseAt(state, phase);
  const questions = definition.questions.map(({ title, options, hint, key }, index) => {
    const offered = options.length > 0 ? ` (${options.join(", ")}, or another)` : "";
    const earlier = state.answers[key];
    return `${index + 1}. **${title}**${offered}${hint === undefined ? "" : ` _${hint}_`}${earlier === undefined ? "" : ` So far: ${escapeMarkdown(earlier)}`}`;
  });
  const options = definition.asksConfiguration
    ? state.definition.configuration.map(
        ({ key, values, default: usual, reason }) =>
          `- \`${key}\`: **${usual}** (${reason}), or ${values.filter((value) => value !== usual).join(", ")}`,
      )
    : [];
  return {
    markdown: [
      questions.length > 0
        ? "Before anything is looked at, please answer:"
        : "These options decide what is built. The usual choice comes first:",
      [...questions, ...options].join("\n"),
    ].join("\n\n"),
    buttons: [button("Answer…", "answerWorkflow", state)],
  };
}

export const WHAT_TESTS_RUN =
  "Running them executes their code and what they import. You are asked again once one of them, or any Python file or pytest setting of this folder, has changed; packages that are installed are not looked at.";

const MAX_NAMED_FOLDERS = 8;

/** Where code has changed since the person let tests run, as Markdown; empty where none has. */
export function describeChangedCode({ changedCode = [] }: PhaseState): string {
  const named = changedCode
    .slice(0, MAX_NAMED_FOLDERS)
    .map((folder) => (folder === "." ? "this folder" : inlineCode(folder)));
  const more = changedCode.length > named.length ? ` and ${changedCode.length - named.length} more` : "";
  return named.length === 0 ? "" : `⚠ Since you let them run, code has changed in ${named.join(", ")}${more}.`;
}

/** Tests are programs: what is going to run is named before it runs. */
function renderTests(
  state: WorkflowState,
  { phase, proofs }: Extract<Effect, { kind: "ask-to-run-tests" }>,
  contents: TestContents,
): Reply {
  const ticket = issueTicket(state, phase, fingerprintOf(contents));
  const metrics = listProofs(openProofs(phaseAt(state, phase).state).filter(({ proof }) => proof.kind === "metric"));
  return {
    markdown: [
      "These checks are said to have passed. They count once their tests have run here, with the Python of this workspace:",
      listProofs(proofs),
      metrics.length === 0 ? "" : `These metrics are read here after them, before their checks count:\n\n${metrics}`,
      describeChangedCode(phaseAt(state, phase).state),
      phaseAt(state, phase).state.hasEndedTests === true
        ? "⚠ You ended them before they had, so nothing was counted. They run again only when you let them; one that hangs is mended first, or its phase is done again."
        : "",
      `${WHAT_TESTS_RUN} What they print and their exit code are kept with the workflow.`,
      "Without running them you can record by hand how they went: then it is your word that counts, and the documents say so.",
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
    buttons: [
      button("Run These Tests", "runWorkflowTests", state, { phase, ticket }),
      ...recordButtons(state, proofs),
      button("Go Back…", "goBackPhase", state),
    ],
  };
}

function listProofs(proofs: readonly OpenProof[]): string {
  return proofs
    .map(({ check, proof }) => `- **${escapeMarkdown(check)}**: ${inlineCode(describeProof(proof))}`)
    .join("\n");
}

/** What is in the way of a measurement can be put right, and the measurement made again; or the person says what holds. */
function renderObstacle(
  state: WorkflowState,
  { proofs }: Extract<Effect, { kind: "measure" }>,
  obstacle: string,
): Reply {
  const checks = [...new Set(proofs.map(({ check }) => escapeMarkdown(check)))].join(", ");
  return {
    markdown: `⚠ Not measured yet: **${checks}**.\n\n${escapeSentence(obstacle)}\n\nNothing is counted as failed, and nothing has to be done over.`,
    buttons: [
      button("Measure Again", "measureAgain", state),
      ...recordButtons(state, proofs),
      button("Go Back…", "goBackPhase", state),
    ],
  };
}

/** For whoever knows how checks went without their being run here. */
function recordButtons(state: WorkflowState, proofs: readonly OpenProof[]): ReplyButton[] {
  const tasks = [...new Set(proofs.map(({ task }) => task))];
  return tasks.map((task) => button("Record by Hand…", "recordTask", state, { task }));
}

function renderFailures(
  state: WorkflowState,
  { phase, tasks }: Extract<Effect, { kind: "ask-about-failures" }>,
): Reply {
  const { definition, state: current } = phaseAt(state, phase);
  const hasOthers = tasksOf(definition).some(({ id }) => current.tasks[id]?.kind === "done");
  const lines = tasks.map(({ id, title }) => {
    const task = current.tasks[id];
    return `- **${title}**: ${task?.kind === "failed" ? escapeMarkdown(task.reason, 800) : "failed"}`;
  });
  return {
    markdown: [
      `${tasks.length === 1 ? "One agent" : `${tasks.length} agents`} did not finish.${hasOthers ? " What the others did is kept." : ""}`,
      lines.join("\n"),
      `Ask again, perhaps with another model; do it by hand; ${definition.canSkip ? "skip this phase, on which no later one rests; " : ""}or go back.`,
    ].join("\n\n"),
    buttons: [
      button("Ask Again", "retryTasks", state),
      ...tasks.map(({ id, title }) =>
        button(tasks.length === 1 ? "Do It by Hand…" : `Do ${title} by Hand…`, "recordTask", state, { task: id }),
      ),
      ...skipButton(state),
      button("Go Back…", "goBackPhase", state),
    ],
  };
}

function renderWork(state: WorkflowState, tasks: readonly TaskDefinition[], folder: string): Reply {
  const documents = state.phases
    .map((_phase, index) => phaseDocument(state, index))
    .filter((document) => state.documents[document] !== undefined);
  const { failures } = phaseAt(state, state.current).state;
  const lines = tasks.map(({ title, output }) =>
    output.kind === "checks"
      ? `- **${title}**: run ${output.sections.map((name) => name.toLowerCase()).join(", ")}, then record what came out.`
      : `- **${title}**: ${failures.length > 0 ? "mend what failed" : "write the files as approved"}, then record which files it was.`,
  );
  return {
    markdown: [
      "No language model is at work, so this is yours:",
      lines.join("\n"),
      failures.length === 0 ? "" : `Failed before: ${failures.join("; ")}.`,
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
    buttons: [
      ...tasks.map(({ id, title }) => button(`Record ${title}…`, "recordTask", state, { task: id })),
      ...(tasks.some(({ output }) => output.kind === "files")
        ? [button("New Training Script…", "newTrainingScript")]
        : []),
      ...skipButton(state),
    ],
    references: documents.map((document) => ({ path: path.join(folder, document) })),
  };
}

/** Offered where the phase at work may be left out. */
function skipButton(state: WorkflowState): ReplyButton[] {
  return phaseAt(state, state.current).definition.canSkip ? [button("Skip Phase…", "skipPhase", state)] : [];
}

/** What is gone cannot be approved: it comes back, or its phase is done again. */
function renderMissing(state: WorkflowState, missing: readonly { document: string; phase: number }[]): Reply {
  const phase = Math.min(...missing.map((each) => each.phase));
  const isEarlier = phase < state.current;
  const cost = isEarlier ? " This also does the phases after it again." : "";
  return {
    markdown: `⚠ ${escapeSentence(describeMissing(missing, ` by doing ${describePhase(state, phase)} again`))}${cost}`,
    buttons: [
      button(`Do Phase ${phase + 1} Again`, "goBackPhase", state, { phase, ticket: issueTicket(state, phase) }),
      button("Look Again", "continueWorkflow", state),
    ],
  };
}

function renderGate(
  state: WorkflowState,
  { phase, isAgain }: Extract<Effect, { kind: "ask-approval" }>,
  shown: { folder: string; text: string | undefined; changes: string; kept: readonly KeptEdit[] },
): Reply {
  const at = phaseAt(state, phase);
  const choices = gateChoices(at);
  const documents = Object.entries(coveredDocuments(state, phase));
  const ticket = issueTicket(state, phase);
  const approve = (title: string, choice?: string) =>
    button(title, "approvePhase", state, { phase, ticket, ...(choice === undefined ? {} : { choice }) });
  const isMarking = state.definition.criteria.length > 0 && phase === state.phases.length - 1;
  const text = narrowTables(approachesOf(at.state) ?? shown.text?.replace(/^# .*\n/, "") ?? "");
  const body = cutDocument(text, "_Open Document_ shows the whole.");
  const list = documents.map(
    ([document, hash]) => `- ${escapeMarkdown(nameDocument(state, document))}, ${inlineCode(hash.slice(0, 8))}`,
  );
  return {
    markdown: [
      isAgain
        ? `${escapeSentence(describeWithdrawn(state, phase))} Nothing goes on until it is approved again.\n\n${shown.changes}`
        : body,
      isAgain ? "**Is this still what you want?**" : `**${gateQuestion(at)}**`,
      describeUnknown(countUnknown(shown.text ?? "")),
      describeKept(state, shown.kept),
      isMarking ? describeOpenCriteria(state) : "",
      `The approval is for exactly these documents:\n\n${list.join("\n")}`,
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
    buttons: [
      ...(isAgain || choices.length === 0
        ? [approve(isAgain ? `Approve Phase ${phase + 1} Again` : `Approve Phase ${phase + 1}`)]
        : choices.map(({ id, label }) => approve(label, id))),
      ...(!isAgain && canMeasureAgain(at.state) ? [button("Measure Again", "measureAgain", state)] : []),
      ...(isAgain
        ? [button("Compare…", "compareWorkflowDocument", state), button("Go Back…", "goBackPhase", state)]
        : [button("Revise…", "revisePhase", state)]),
      ...(isMarking ? [button("Mark Criterion…", "markCriterion", state)] : []),
      ...shown.kept.map(({ document }) =>
        button(`Compare ${path.basename(document)} with Yours`, "compareWorkflowDocument", state, { document, phase }),
      ),
      button("Open Document", "openWorkflowDocument", state, { document: phaseDocument(state, phase) }),
      ...(documents.length > 1 ? [button("Open Another Document…", "openWorkflowDocument", state, { phase })] : []),
    ],
    references: documents.map(([document]) => ({ path: path.join(shown.folder, document) })),
  };
}

/** Nothing that the person wrote is lost silently. */
function describeKept(state: WorkflowState, kept: readonly KeptEdit[]): string {
  return kept
    .map(
      ({ document, hash }) =>
        `⚠ ${escapeMarkdown(nameDocument(state, document))} was written anew, without what you had changed in it. Your version is kept in ${inlineCode(keptName(document, hash))}.`,
    )
    .join("\n\n");
}

function describeUnknown(count: number): string {
  const sections = count === 1 ? "One section still says" : `${count} sections still say`;
  return count === 0 ? "" : `⚠ ${sections} that nothing is known yet. Write down what holds, or approve it as it is.`;
}

/** The criteria that somebody has to look at, and nobody has. */
function describeOpenCriteria({ definition: { criteria }, marks }: WorkflowState): string {
  const open = criteria.filter(({ id, isMeasuredInProduction }) => !isMeasuredInProduction && marks[id] === undefined);
  return open.length === 0
    ? ""
    : `⚠ ${open.length} of ${criteria.length} success criteria are not looked at yet. Mark how they stand, now or later.`;
}

/** Approaches are read side by side; each of them in full stands in its document. */
function approachesOf({ tasks }: PhaseState): string | undefined {
  const approaches = Object.values(tasks).flatMap((task) =>
    task.kind === "done" && task.output.kind === "approach" ? [task.output] : [],
  );
  return approaches.length > 1 ? compareApproaches(approaches) : undefined;
}

function renderFinish(state: WorkflowState, folder: string): Reply {
  const last = phaseDocument(state, state.phases.length - 1);
  const deliverables = state.definition.deliverables.map(
    ({ id, title }) => `- ${title}: ${inlineCode(`deliverables/${id}.md`)}`,
  );
  return {
    markdown: [
      `**${state.definition.title}: done.** ${state.phases.length === 1 ? "Its one phase is" : `All ${state.phases.length} phases are`} complete.`,
      deliverables.length === 0 ? "" : `Deliverables:\n\n${deliverables.join("\n")}`,
      renderCriteria(state),
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
    buttons: [
      button("Open Last Document", "openWorkflowDocument", state, { document: last }),
      button("Export Dossier", "exportDossier", state),
      ...(state.definition.criteria.length > 0 ? [button("Mark Criterion…", "markCriterion", state)] : []),
    ],
    references: [{ path: path.join(folder, last) }],
  };
}

function button(
  title: string,
  command: string,
  state?: WorkflowState,
  more: Omit<WorkflowArgument, "id"> = {},
): ReplyButton {
  const argument: WorkflowArgument | undefined = state && { id: state.id, isFromChat: true, ...more };
  return { title, command: `trainyard.${command}`, ...(argument === undefined ? {} : { arguments: [argument] }) };
}

/** Whether an agent's command goes on with it: `/develop` of @ml-trainer, `/pipeline` of @mlops-engineer. */
export function continueCommand(state: WorkflowState): { agent: string; command: string; prompt: string } {
  const { participant } = state.definition;
  const prompt = hasFinished(state) ? state.id : `--continue ${state.id}`;
  const command = hasFinished(state) ? "status" : participant === "ml-trainer" ? "develop" : "pipeline";
  return { agent: participant, command, prompt };
}
