import { escapeMarkdown, escapeSentence, inlineCode } from "../../core/base/markdown.ts";
import type { Reply, ReplyButton } from "../../core/chat/reply.ts";
import { type OpenProof, openProofs } from "../../core/workflow/phaseChecks.ts";
import { describeProof } from "../../core/workflow/proof.ts";
import { fingerprintOf } from "../../core/workflow/testPermission.ts";
import type { Effect } from "../../core/workflow/workflowEffects.ts";
import { type PhaseState, phaseAt, type TestContents, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { issueTicket } from "./gateTickets.ts";
import { button } from "./replyButton.ts";

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
export function renderTests(
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
export function renderObstacle(
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
