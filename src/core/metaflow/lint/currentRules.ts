import { closestName } from "../../base/closestName.ts";
import { callsClass } from "../graph/callsClass.ts";
import { originOf } from "../graph/origin.ts";
import type { AttributeUse } from "../graph/stepBody.ts";
import { hasOwnDecoratorsOnly, metaflowName } from "../graph/stepDecorators.ts";
import { replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { ownSteps } from "./importRules.ts";

/** What steps ask of `current`. */
export const currentRules: readonly Rule[] = [
  {
    id: "unknown-current",
    severity: "error",
    about: "a misspelt attribute of current",
    check: (context) => usesOfCurrent(context).flatMap(misspelt),
  },
  {
    id: "missing-current",
    severity: "warning",
    about: "an attribute of current that comes with a decorator which the flow does not have, or with an event",
    check: checkMissing,
  },
];

/** What every step finds at `current`, then what decorators add to it. */
export const CURRENT_NAMES: readonly string[] = [
  "flow_name",
  "get",
  "graph",
  "is_running_flow",
  "namespace",
  "origin_run_id",
  "pathspec",
  "retry_count",
  "run",
  "run_id",
  "step_name",
  "tags",
  "task",
  "task_id",
  "tempdir",
  "username",
];
const OF_PROJECT = ["project_name", "branch_name", "is_user_branch", "is_production", "project_flow_name"];
const ADDED_NAMES = [
  ...OF_PROJECT,
  "card",
  "parallel",
  "is_parallel",
  "trigger",
  "parameter_names",
  "graph_info",
  "checkpoint",
  "model",
  "huggingface_hub",
];
const KNOWN = [...CURRENT_NAMES, ...ADDED_NAMES];

/** The fields of the named tuple `current.parallel`. */
export const OF_PARALLEL: readonly string[] = ["main_ip", "num_nodes", "node_index", "control_task_id"];
const OF_TUPLES = ["count", "index"];

type UseOfCurrent = { use: AttributeUse; at: Omit<Report, "message"> };

/** A method may give the name to something of its own. */
const BINDS_CURRENT = /\bcurrent\s*(?::?=(?!=)|in\b)|\bas\s+current\b/;

function usesOfCurrent(context: FlowContext): UseOfCurrent[] {
  const { file, find } = context;
  return originOf("current", file, find).kind !== "metaflow" || BINDS_CURRENT.test(file.text)
    ? []
    : ownSteps(context).flatMap(({ name: step, source }) =>
        (source.body?.attributes ?? [])
          .filter(({ owner, access, isGuarded }) => /^current\b/.test(owner) && access === "read" && !isGuarded)
          .map((use) => ({ use, at: { range: use.range, file, step } })),
      );
}

function misspelt({ use: { owner, name, range }, at }: UseOfCurrent): Report[] {
  if (owner === "current.parallel" && !name.startsWith("_") && ![...OF_PARALLEL, ...OF_TUPLES].includes(name)) {
    const meant = closestName(name, OF_PARALLEL);
    const hint = meant === undefined ? `It has ${OF_PARALLEL.join(", ")}.` : `Is \`${meant}\` meant?`;
    return [
      {
        ...at,
        message: `\`current.parallel\` has no \`${name}\`, and the run ends here. ${hint}`,
        fixes: meant === undefined ? [] : [renameTo(`current.parallel.${meant}`, range)],
      },
    ];
  }
  // An extension may add others, so that an unknown name is a mistake only where it looks like a known one.
  const meant = owner === "current" && !KNOWN.includes(name) ? closestName(name, KNOWN) : undefined;
  return meant === undefined
    ? []
    : [
        {
          ...at,
          message: `\`current\` has no \`${name}\`, and the run ends here. Is \`current.${meant}\` meant?`,
          fixes: [renameTo(`current.${meant}`, range)],
        },
      ];
}

function renameTo(text: string, range: AttributeUse["range"]) {
  return { title: `Write ${text}`, edits: [replace(range, text)] };
}

/** A decorator that is not Metaflow's may add anything, and so may one of a class that is built on this one. */
function checkMissing(context: FlowContext): Report[] {
  const { flow, file } = context;
  const decorators = [...flow.decorators, ...flow.steps.flatMap((step) => step.decorators)].map(metaflowName);
  if (!flow.isComplete || !callsClass(file, flow.name) || !hasOwnDecoratorsOnly(flow)) {
    return [];
  }
  const has = (name: string) => decorators.includes(name);
  // What is asked for by its name somewhere, as in `"trigger" in current`.
  const asked = new Set(file.text.match(/(["'])\w+\1/g)?.map((quoted) => quoted.slice(1, -1)));
  return usesOfCurrent(context).flatMap(({ use: { owner, name }, at }): Report[] => {
    if (owner !== "current" || asked.has(name)) {
      return [];
    }
    if (OF_PROJECT.includes(name) && !has("project")) {
      return [{ ...at, message: missingWithout(name, '@project(name="…") above the class') }];
    }
    if (name === "parallel" && !has("parallel") && !has("pytorch_parallel")) {
      return [{ ...at, message: missingWithout(name, "@parallel above the step, and start it with num_parallel") }];
    }
    return name === "trigger"
      ? [
          {
            ...at,
            severity: "information",
            message:
              'current.trigger is there only in a run that an event of Argo Workflows started; `python flow.py run` ends here. Write `current.get("trigger")`, which is None in other runs.',
          },
        ]
      : [];
  });
}

function missingWithout(name: string, decorator: string): string {
  return `\`current\` has no \`${name}\` in this flow, and the run ends here. Put ${decorator}.`;
}
