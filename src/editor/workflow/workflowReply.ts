import * as path from "node:path";
import { escapeMarkdown, inlineCode } from "../../core/base/markdown.ts";
import type { Reply } from "../../core/chat/reply.ts";
import { deliveredPaths } from "../../core/workflow/filesInDocument.ts";
import type { KeptEdit } from "../../core/workflow/keptEdits.ts";
import { missingDocuments } from "../../core/workflow/missingDocuments.ts";
import type { OpenProof } from "../../core/workflow/phaseChecks.ts";
import { renderCriteria } from "../../core/workflow/renderDocuments.ts";
import type { Effect } from "../../core/workflow/workflowEffects.ts";
import {
  coveredDocuments,
  hasFinished,
  phaseAt,
  phaseDocument,
  type TestContents,
  type WorkflowState,
} from "../../core/workflow/workflowState.ts";
import type { Stand } from "../../node/workflow/advanceWorkflow.ts";
import { DELIVERED_FILES } from "../../node/workflow/deliverables.ts";
import { renderGate, renderMissing } from "./gateReply.ts";
import { issueTicket } from "./gateTickets.ts";
import { button } from "./replyButton.ts";
import { renderObstacle, renderTests } from "./testReply.ts";
import { renderFailures, renderWork } from "./workReply.ts";

const ELSEWHERE =
  "This workflow was worked on under another machine or another user, whose approvals cannot be checked here.";

/** What the person sees where a workflow waits: what happened, what is asked, and the buttons that answer it. */
export type StandReply = {
  stand: Stand;
  folder: string;
  readDocument: (document: string) => Promise<string | undefined>;
  /** What differs from what was approved at a gate, or from what was shown there before, as Markdown. */
  describeChanges: (gate: Extract<Effect, { kind: "ask-approval" }>) => Promise<string>;
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
      buttons: [button("Resume", "resumeWorkflow", state, { ticket: issueTicket(state, state.current) })],
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
  const texts: Record<string, string> = {};
  for (const document of Object.keys(coveredDocuments(state, effect.phase))) {
    texts[document] = (await readDocument(document)) ?? "";
  }
  const changes = await describeChanges(effect);
  return renderGate(state, effect, { folder, texts, changes, kept: await readKept(effect.phase) });
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
        ({ title, values, default: usual, reason }) =>
          `- ${title}: **${usual}** (${reason}), or ${values.filter((value) => value !== usual).join(", ")}`,
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

function renderFinish(state: WorkflowState, folder: string): Reply {
  const last = phaseDocument(state, state.phases.length - 1);
  const deliverables = state.definition.deliverables.map(
    ({ id, title }) => `- ${title}: ${inlineCode(`deliverables/${id}.md`)}`,
  );
  const files = deliveredPaths(state);
  return {
    markdown: [
      `**${state.definition.title}: done.** ${describeCompleted(state)}`,
      deliverables.length === 0 ? "" : `Deliverables:\n\n${deliverables.join("\n")}`,
      files.length === 0
        ? ""
        : `Files of them, for you to put in place from ${inlineCode(DELIVERED_FILES)}: ${files.map((file) => inlineCode(file)).join(", ")}`,
      renderCriteria(state),
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
    buttons: [
      button("Open Last Document", "openWorkflowDocument", state, { document: last }),
      button("Export Dossier", "exportDossier", state),
      ...(state.definition.criteria.length > 0 ? [button("Mark Criterion…", "markCriterion", state)] : []),
    ],
    references: [last, ...state.definition.deliverables.map(({ id }) => `deliverables/${id}.md`)].map((document) => ({
      path: path.join(folder, document),
    })),
  };
}

/** How many phases were done. One that was skipped is not complete. */
function describeCompleted({ phases, definition }: WorkflowState): string {
  const skipped = phases.flatMap(({ kind }, index) =>
    kind === "skipped" ? [`${index + 1}. ${escapeMarkdown(definition.phases[index]?.title ?? "")}`] : [],
  );
  if (skipped.length > 0) {
    return `${phases.length - skipped.length} of ${phases.length} phases are complete. Skipped: ${skipped.join(", ")}.`;
  }
  return `${phases.length === 1 ? "Its one phase is" : `All ${phases.length} phases are`} complete.`;
}

/** Whether an agent's command goes on with it: `/develop` of @ml-trainer, `/pipeline` of @mlops-engineer. */
export function continueCommand(state: WorkflowState): { agent: string; command: string; prompt: string } {
  const { participant } = state.definition;
  const prompt = hasFinished(state) ? state.id : `--continue ${state.id}`;
  const command = hasFinished(state) ? "status" : participant === "ml-trainer" ? "develop" : "pipeline";
  return { agent: participant, command, prompt };
}
