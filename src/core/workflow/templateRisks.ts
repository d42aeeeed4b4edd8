import { capsulePath } from "./capsule.ts";
import type { StaticFinding } from "./staticFinding.ts";
import { type TaskOutput, UNKNOWN } from "./taskOutput.ts";
import type { TaskDefinition } from "./workflowDefinition.ts";
import type { WorkflowState } from "./workflowState.ts";

/*
 * The risks that are told where no language model is at work: what is usual for each category, what reading the code has
 * found of it, and what the capsule has brought.
 */

type Risk = Extract<TaskOutput, { kind: "risks" }>["risks"][number];

/** A risk for each category that is asked for. Those of the capsule stand with what is looked for in the code. */
export function fillRisks(task: TaskDefinition, state: WorkflowState, checks: readonly StaticFinding[]): Risk[] {
  const own = task.output.sections.map((category) => fillRisk(category, state, checks));
  return [...own, ...(task.usesChecks ? fromCapsule(state) : [])];
}

function fromCapsule({ capsule }: WorkflowState): Risk[] {
  return (capsule?.risks ?? []).map(({ severity, description, mitigation }) => ({
    category: "from the capsule",
    severity,
    description,
    mitigation: mitigation === "" ? `_${UNKNOWN} What answers it._` : mitigation,
    evidence: capsule === undefined ? "" : capsulePath(capsule.slug),
  }));
}

type RiskTemplate = { description: string; mitigation: string };

const RISKS: readonly [category: RegExp, template: RiskTemplate][] = [
  [
    /leak/i,
    {
      description:
        "Test data may influence the training: a split after scaling, features that are known only afterwards, duplicates on both sides.",
      mitigation:
        "Split first, fit every transformation on the training part only, and look for rows that occur in both parts.",
    },
  ],
  [
    /shift|drift/i,
    {
      description: "The data that the model will meet may differ from the data it learns from.",
      mitigation: "Compare the newest data with the oldest, and evaluate on the newest.",
    },
  ],
  [
    /bias|fair/i,
    {
      description: "Groups may be represented or treated differently.",
      mitigation: "Report the metric for each group that matters, not only the mean.",
    },
  ],
  [
    /reproduc/i,
    {
      description: "A result may not come out again: seeds, versions and data are not all fixed.",
      mitigation: "Fix the seeds, lock the versions, and keep a fingerprint of the data with each run.",
    },
  ],
  [
    /scal/i,
    {
      description: "What fits today may not fit ten times the data.",
      mitigation: "Measure time and memory on a tenth and on all of the data, and compare.",
    },
  ],
];

const MAX_PLACES = 5;

/** What was found about a risk, with its places; nothing where nothing was. */
function foundRisk(category: string, checks: readonly StaticFinding[]) {
  const topics = /leak/i.test(category)
    ? ["leakage", "evaluation"]
    : /reproduc/i.test(category)
      ? ["reproducibility"]
      : [];
  const own = checks.filter(({ topic }) => topics.includes(topic));
  const places = own
    .slice(0, MAX_PLACES)
    .map(({ where, rule, isSilenced }) => `${where} (${rule}${isSilenced ? ", silenced" : ""})`);
  return own.length === 0
    ? undefined
    : {
        description: own
          .slice(0, MAX_PLACES)
          .map(({ message }) => message)
          .join(" "),
        evidence: [...places, ...(own.length > MAX_PLACES ? [`and ${own.length - MAX_PLACES} more`] : [])].join(", "),
        isGrave: own.some(({ severity, isSilenced }) => severity !== "information" && !isSilenced),
      };
}

function fillRisk(category: string, state: WorkflowState, checks: readonly StaticFinding[]): Risk {
  const found = foundRisk(category, checks);
  const template = RISKS.find(([pattern]) => pattern.test(category))?.[1] ?? {
    description: `Nobody has looked at "${category}" yet.`,
    mitigation: "Look at it, and write down here what was found.",
  };
  const looksAhead = /leak/i.test(category) && FORECASTING.test(problemOf(state));
  return {
    category,
    severity: looksAhead || found?.isGrave === true ? "high" : "medium",
    description: `${found?.description ?? template.description}${looksAhead ? " With time in the data, every feature has to be known at the moment of the forecast." : ""}`,
    mitigation: template.mitigation,
    evidence: found?.evidence ?? "",
  };
}

/** The kind of problem as the person names it. What else was answered may speak of time, ranks or clusters for other reasons. */
export function problemOf({ answers, task }: WorkflowState): string {
  return answers["problemType"] ?? task;
}

export const FORECASTING = /\b(?:forecast\w*|time[- ]series)\b/i;
