import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { chosenLabel } from "./checkAnswers.ts";
import { checksOf } from "./phaseChecks.ts";
import { announcePhase } from "./phaseNames.ts";
import { compareApproaches, fitsInTable, list, paragraphs, renderOutput, table } from "./renderOutput.ts";
import type { TaskOutput } from "./taskOutput.ts";
import { FILLED_IN, USUAL_POINTS } from "./templateOutput.ts";
import { testsToAllow } from "./testPermission.ts";
import { describeTampering } from "./trust.ts";
import { tasksOf } from "./workflowDefinition.ts";
import { type CriterionMark, type PhaseState, phaseAt, type TaskState, type WorkflowState } from "./workflowState.ts";
import { tellChecks } from "./workSoFar.ts";

/** What does the work where no language model is at it. */
export const ENGINE_NAME = "Trainyard";

/** The document that one agent of a phase leaves. */
export function renderTaskDocument(
  title: string,
  by: string,
  task: { output: Parameters<typeof renderOutput>[0] },
): string {
  return `${paragraphs([`# ${escapeMarkdown(title)}`, `_By ${by}._`, renderOutput(task.output, 2)])}\n`;
}

/** The document that a phase leaves for people: what was asked, answered and found in it. */
export function renderPhaseDocument(state: WorkflowState, index: number): string {
  const { definition, state: phase } = phaseAt(state, index);
  const tasks = doneTasks(state, index);
  const approaches = tasks.flatMap(({ done }) => (done.output.kind === "approach" ? [done.output] : []));
  const isCompared = approaches.length > 1;
  const sections = taskSections(state, index);
  return `${paragraphs([
    `# ${escapeMarkdown(definition.title)}`,
    `${escapeMarkdown(state.definition.title)}: ${escapeMarkdown(state.task, 8_000)}`,
    `**Goal.** ${definition.goal}`,
    renderRound(phase, tasks.length > 0 && tasks.every(isFilledIn)),
    tasks.some(isFilledIn) ? `_${FILLED_IN}${isCompared ? ` ${USUAL_POINTS}` : ""}_` : "",
    renderAnswers(state, index),
    isCompared ? `${SIDE_BY_SIDE}\n\n${compareApproaches(approaches)}` : "",
    ...tasks
      .filter(({ done: { output } }) => !(isCompared && output.kind === "approach" && fitsInTable(output)))
      .map(({ task }) => renderSection(sections.get(task.id))),
    renderMeasurements(phase),
    index === state.phases.length - 1 ? renderClosing(state, tasks.every(isFilledIn)) : "",
  ])}\n`;
}

/** Above the comparison of approaches. */
export const SIDE_BY_SIDE = "## Side by side";

/** What the document of a phase has of one task. */
export type TaskSection = { heading: string; body: string };

/** By the id of the task, for all that are done. */
export function taskSections(state: WorkflowState, index: number): Map<string, TaskSection> {
  const shownFiles = new Set<string>();
  return new Map(
    doneTasks(state, index).map(({ task, done }) => [
      task.id,
      {
        heading: `## ${escapeMarkdown(task.title)}`,
        body: paragraphs([
          isFilledIn({ done }) ? "" : `_By ${done.by}._`,
          renderOutput(isFilledIn({ done }) ? withoutRepetition(done.output, shownFiles) : done.output, 3),
        ]),
      },
    ]),
  );
}

/** As it stands in the document. */
export function renderSection(section: TaskSection | undefined): string {
  return section === undefined ? "" : paragraphs([section.heading, section.body]);
}

/** The tasks of a phase that are done, with what they came to. */
export function doneTasks(state: WorkflowState, index: number) {
  const { definition, state: phase } = phaseAt(state, index);
  return tasksOf(definition).flatMap((task) => {
    const done = phase.tasks[task.id];
    return done?.kind === "done" ? [{ task, done }] : [];
  });
}

/** A request that only a person or a model can follow is not passed over in silence. */
function renderRound({ round, note }: PhaseState, isUnfollowed: boolean): string {
  return round === 1
    ? ""
    : paragraphs([
        `Round ${round}.${note === undefined ? "" : ` Asked for: ${note}`}`,
        isUnfollowed && note !== undefined
          ? "⚠ No language model was at work, so nobody has followed this request: change the text here yourself, or pick a model and revise again."
          : "",
      ]);
}

function isFilledIn({ done }: { done: { by: string } }): boolean {
  return done.by === ENGINE_NAME;
}

/** What stands above all sections of a document is not said again in each, nor are the files that were named before. */
function withoutRepetition(output: TaskOutput, shownFiles: Set<string>): TaskOutput {
  if (output.kind !== "notes") {
    return output;
  }
  const keyFiles = output.keyFiles.filter(({ path }) => !shownFiles.has(path));
  keyFiles.forEach(({ path }) => shownFiles.add(path));
  return { ...output, keyFiles, summary: output.summary === FILLED_IN ? "" : output.summary };
}

/** How each check stands: measured here, or only said. */
function renderMeasurements(phase: PhaseState): string {
  const checks = checksOf(phase);
  return checks.length === 0
    ? ""
    : `## Measured\n\n${table(
        ["Check", "Result", "Seen by", "What was seen", "Output"],
        checks.map(({ name, status, by, evidence, measured }) => [
          name,
          status.replace("-", " "),
          measured === undefined ? `⚠ said by ${by}, not measured` : "Trainyard",
          evidence,
          measured?.log?.document ?? "",
        ]),
      )}`;
}

function renderAnswers(state: WorkflowState, index: number): string {
  const { definition } = phaseAt(state, index);
  const answered = definition.questions.filter(({ key }) => (state.answers[key] ?? "") !== "");
  return paragraphs([
    index === 0 && state.capsule !== undefined ? renderCapsule(state.capsule) : "",
    answered.length === 0
      ? ""
      : `## Requirements\n\n${table(
          ["Question", "Answer"],
          answered.map(({ title, key }) => [title, state.answers[key] ?? ""]),
        )}`,
    definition.asksConfiguration ? `## Configuration\n\n${renderConfiguration(state)}` : "",
  ]);
}

function renderCapsule(capsule: NonNullable<WorkflowState["capsule"]>): string {
  const { constraints, nonGoals, successCriteria, decisions, openQuestions, keyFiles, risks } = capsule;
  return paragraphs([
    `## Requirements\n\nFrom the capsule ${inlineCode(capsule.slug)}: ${capsule.goal.trim()}`,
    part("Constraints", constraints),
    part("Not wanted", nonGoals),
    part("Counts as success", successCriteria),
    part(
      "Decided",
      decisions.map(({ question, answer }) => (answer === "" ? question : `${question} ${answer}`)),
    ),
    part("Open questions", openQuestions),
    part(
      "Key files",
      keyFiles.map(
        ({ path, reason, isMissing }) => `${inlineCode(path)}${isMissing ? " (⚠ not there)" : ""}: ${reason}`,
      ),
    ),
    part(
      "Known risks",
      risks.map(({ severity, description, mitigation }) => `${severity}: ${description}. ${mitigation}`.trim()),
    ),
  ]);
}

function part(title: string, items: readonly string[]): string {
  return items.length === 0 ? "" : `**${title}**\n\n${list(items)}`;
}

function renderConfiguration({ definition, configuration }: WorkflowState): string {
  return table(
    ["Option", "Value", "Default", "Why that default"],
    definition.configuration.map(({ key, title, default: usual, reason }) => [
      title,
      configuration[key] ?? usual,
      usual,
      reason,
    ]),
  );
}

/** What a model says of the checks is not what they came to, so that they stand beside it. */
function renderClosing(state: WorkflowState, hasToldChecks: boolean): string {
  const { definition, files } = state;
  const checks = hasToldChecks ? [] : tellChecks(state);
  return paragraphs([
    checks.length === 0 ? "" : `## Checks\n\n${list(checks)}`,
    `## Phases\n\n${list(definition.phases.map(({ title }, index) => `${title}: ${index === state.current ? "this document" : describeEnd(state, index)}`))}`,
    Object.keys(files).length === 0
      ? ""
      : `## Files written\n\n${list(Object.keys(files).map((path) => inlineCode(path)))}`,
    renderCriteria(state, { isLasting: true }),
  ]);
}

function describeEnd(state: WorkflowState, index: number): string {
  const at = phaseAt(state, index);
  const { kind, round, approval } = at.state;
  const rounds = round > 1 ? ` in round ${round}` : "";
  const label = chosenLabel(at);
  const choice = label === undefined ? "" : ` (${label})`;
  return kind === "skipped" ? "skipped" : `done${rounds}${approval ? `, approved by ${approval.by}${choice}` : ""}`;
}

const MAX_WARNING = 2_000;

type Criterion = WorkflowState["definition"]["criteria"][number];

const MARKS = {
  met: "✓ met",
  unmet: "✗ unmet",
  "in-production": "◌ measured in production",
  open: "○ not looked at yet",
} as const;

const MARKED_SO_FAR = "_As marked when this was written. The dossier says how each stands._";

/**
 * The criteria of success with their state and what proves it; empty for a workflow without any. `isLasting`: the text stays
 * as it is while criteria go on being marked, so that it does not say of any that nobody has looked at it.
 */
export function renderCriteria({ definition, marks }: WorkflowState, { isLasting = false } = {}): string {
  if (definition.criteria.length === 0) {
    return "";
  }
  const groups = [...new Set(definition.criteria.map(({ group }) => group))];
  const parts = groups.map((group) => {
    const own = definition.criteria.filter((criterion) => criterion.group === group);
    const lines = own.map((criterion) => {
      const mark = marks[criterion.id];
      const isOpen = mark === undefined && !criterion.isMeasuredInProduction;
      return isLasting && isOpen ? criterion.title : renderCriterion(criterion, mark);
    });
    return `**${group}**\n\n${list(lines)}`;
  });
  return paragraphs(["## Success criteria", isLasting ? MARKED_SO_FAR : "", ...parts]);
}

function renderCriterion(criterion: Criterion, mark: CriterionMark | undefined): string {
  const evidence = mark?.evidence ?? (criterion.isMeasuredInProduction ? "a target until it runs" : "");
  return `${describeMark(criterion, mark)}: ${criterion.title}${evidence === "" ? "" : ` (${evidence})`}`;
}

/** `✓ met`. Unmet is what somebody has looked at and found so. */
export function describeMark({ isMeasuredInProduction }: Criterion, mark: CriterionMark | undefined): string {
  return MARKS[mark?.status ?? (isMeasuredInProduction ? "in-production" : "open")];
}

/** Where the workflow stands: the list of its phases, like a list of things to do. */
export function renderStatus(state: WorkflowState): string {
  const stages = [...new Set(state.definition.phases.map(({ stage }) => stage))];
  const isOver = state.current >= state.phases.length;
  return paragraphs([
    isOver ? `**${escapeMarkdown(state.definition.title)}: done.**` : announcePhase(state, state.current),
    state.isForeign
      ? `⚠ Waits for your confirmation, and nothing goes on before. ${escapeMarkdown(state.rewound ?? "Approvals in it were given on another machine.")}`
      : "",
    warn(describeTampering(state)),
    ...stages.map((stage) => {
      const items = state.definition.phases.flatMap((phase, index) =>
        phase.stage === stage
          ? [
              `${describeBox(state, index)} ${index + 1}. ${phase.title}${phase.canSkip && isAhead(state, index) ? " (may be skipped)" : ""}${describeWait(state, index)}`,
            ]
          : [],
      );
      return `**${stage}**\n\n${list(items)}`;
    }),
    state.tokens === 0 ? "" : `Language models took about ${formatTokens(state.tokens)} tokens so far.`,
    state.refusals === 0
      ? ""
      : `${state.refusals} ${state.refusals === 1 ? "attempt was" : "attempts were"} refused; the journal has the reasons.`,
  ]);
}

/** A sentence that is not to be overlooked, as Markdown; empty for an empty one. */
export function warn(sentence: string): string {
  return sentence === "" ? "" : `⚠ ${escapeMarkdown(sentence, MAX_WARNING)}`;
}

/** `12,300`: counted by estimates, so that the last digits would say nothing. */
export function formatTokens(tokens: number): string {
  const step = tokens < 1_000 ? 1 : 100;
  return (Math.round(tokens / step) * step).toLocaleString("en-US");
}

function describeBox(state: WorkflowState, index: number): string {
  const kind = state.phases[index]?.kind;
  return kind === "done" ? "☑" : kind === "skipped" ? "☒" : "☐";
}

function isAhead(state: WorkflowState, index: number): boolean {
  return index >= state.current && state.phases[index]?.kind !== "skipped";
}

/** What a phase is waiting for, in two or three words; empty for one that waits for nothing. */
export function describeWait(state: WorkflowState, index: number): string {
  const phase = state.phases[index];
  if (phase?.approval?.isWithdrawn === true) {
    return ": changed after the approval";
  }
  if (index !== state.current || phase === undefined) {
    return phase?.kind === "skipped" ? ": skipped" : "";
  }
  if (state.isStopped) {
    return ": stopped";
  }
  if (state.isForeign) {
    return ": waits for your confirmation";
  }
  const failed = Object.values(phase.tasks).filter((task: TaskState) => task.kind === "failed").length;
  const waits: Partial<Record<PhaseState["kind"], string>> = {
    asking: ": your answers are needed",
    working: waitsForTests(phase)
      ? ": its tests wait to be run"
      : failed > 0
        ? `: ${failed} failed`
        : phase.round > 1
          ? `: at work, round ${phase.round}`
          : ": at work",
    "awaiting-approval": ": waits for your approval",
  };
  return waits[phase.kind] ?? "";
}

function waitsForTests(phase: PhaseState): boolean {
  const isDone = Object.values(phase.tasks).every(({ kind }) => kind === "done" || kind === "waiting");
  return isDone && testsToAllow(phase).length > 0;
}
