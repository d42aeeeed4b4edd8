import { closestName } from "../../base/closestName.ts";
import { declarationsOf } from "../graph/linkFlow.ts";
import { originOf } from "../graph/origin.ts";
import { callsClass } from "../graph/runnableFlows.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import { insertAt, lineEndOf, linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { importFix, ownSteps } from "./importRules.ts";

/** What keeps a run from starting, or from drawing what it was asked to. */
export const runRules: readonly Rule[] = [
  {
    id: "flow-not-called",
    severity: "information",
    about: "a flow that its file never calls, so that running the file does nothing",
    check: checkCalled,
  },
  {
    id: "reserved-parameter",
    severity: "error",
    about: "a Parameter with the name of an option of Metaflow",
    check: checkReserved,
  },
  {
    id: "missing-card",
    severity: "warning",
    about: "current.card in a step without @card",
    check: checkCards,
  },
  {
    id: "unknown-current",
    severity: "error",
    about: "a misspelt attribute of current",
    check: checkCurrent,
  },
];

function checkCalled({ flow, graph, file }: FlowContext): Report[] {
  const isWhole = flow.isComplete && graph.start !== undefined && graph.end !== undefined && !file.syntaxError;
  if (!isWhole || callsClass(file, flow.name)) {
    return [];
  }
  const lines = linesOf(file);
  const last = Math.max(0, lines.length - 1);
  const end = lineEndOf(file);
  const gap = lines[last]?.trim() === "" ? `${end}${end}` : `${end}${end}${end}`;
  const call = `${gap}if __name__ == "__main__":${end}    ${flow.name}()${end}`;
  return [
    {
      message: `Running this file does nothing: it never calls ${flow.name}(). Unless another file does, end it with \`if __name__ == "__main__":\` and the call.`,
      range: flow.source.range,
      file,
      fixes: [{ title: `Call ${flow.name}()`, edits: [insertAt(last, lines[last]?.length ?? 0, call)] }],
    },
  ];
}

/** As Metaflow's `Parameter.init` has them; underscores stand for dashes. */
const RESERVED = new Set([
  "params",
  "with",
  "tag",
  "namespace",
  "obj",
  "tags",
  "decospecs",
  "run-id-file",
  "max-num-splits",
  "max-workers",
  "max-log-size",
  "user-namespace",
  "run-id",
  "task-id",
  "runner-attribute-file",
]);

function checkReserved({ flow, file, find }: FlowContext): Report[] {
  return declarationsOf(flow, ["Parameter", "IncludeFile", "Config"], find).flatMap((declared): Report[] => {
    const written = declared.call.positional[0] ?? declared.call.keywords.get("name");
    const name = written?.value;
    return declared.file === file && written && typeof name === "string" && RESERVED.has(name.replaceAll("_", "-"))
      ? [
          {
            message: `\`${name}\` is an option of Metaflow's own, and the flow does not start with a ${declared.kind} of that name. Choose another one.`,
            range: written.range,
            file,
          },
        ]
      : [];
  });
}

/** A decorator that is not Metaflow's may add a card. */
function checkCards(context: FlowContext): Report[] {
  const { flow, file, find } = context;
  const origin = originOf("current", file, find);
  if (origin.kind !== "metaflow" || flow.decorators.some((each) => metaflowName(each) === undefined)) {
    return [];
  }
  return ownSteps(context).flatMap(({ name, source, decorators }): Report[] => {
    const use = source.body?.attributes.find((each) => each.owner === "current" && each.name === "card");
    const isAsked = source.body?.calls.some(({ method }) => /^(has|get)attr$/.test(method)) === true;
    const mayHaveCard = decorators.some((each) => ["card", undefined].includes(metaflowName(each)));
    if (!use || isAsked || mayHaveCard) {
      return [];
    }
    const indent = /^\s*/.exec(linesOf(file)[source.firstLine] ?? "")?.[0] ?? "";
    const isImported = file.imports.some(({ module, name: imported }) => module === "metaflow" && imported === "card");
    const [imports] = isImported ? [] : importFix("card", context);
    const edits = [
      insertAt(source.firstLine, 0, `${indent}@card(type="blank")${lineEndOf(file)}`),
      ...(imports?.edits ?? []),
    ];
    return [
      {
        message: `*${name}* has no card to write to, and the run ends here unless it is started --with card. Put @card(type="blank") above the step.`,
        range: use.range,
        file,
        step: name,
        fixes: isImported || imports ? [{ title: `Give ${name} a card`, edits }] : [],
      },
    ];
  });
}

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
const ADDED_NAMES = [
  "card",
  "parallel",
  "trigger",
  "project_name",
  "branch_name",
  "is_user_branch",
  "is_production",
  "project_flow_name",
  "checkpoint",
  "model",
  "huggingface_hub",
];

/** A method may give the name to something of its own. */
const BINDS_CURRENT = /\bcurrent\s*(?::?=(?!=)|in\b)|\bas\s+current\b/;

/** An extension may add others, so that an unknown name is a mistake only where it looks like a known one. */
function checkCurrent(context: FlowContext): Report[] {
  const { file, find } = context;
  const known = [...CURRENT_NAMES, ...ADDED_NAMES];
  return originOf("current", file, find).kind !== "metaflow" || BINDS_CURRENT.test(file.text)
    ? []
    : ownSteps(context).flatMap(({ name: step, source }) =>
        (source.body?.attributes ?? []).flatMap(({ owner, name, access, range, isGuarded }): Report[] => {
          const isUnknown = owner === "current" && access === "read" && !isGuarded && !known.includes(name);
          const meant = isUnknown ? closestName(name, known) : undefined;
          return meant === undefined
            ? []
            : [
                {
                  message: `\`current\` has no \`${name}\`, and the run ends here. Is \`current.${meant}\` meant?`,
                  range,
                  file,
                  step,
                  fixes: [{ title: `Write current.${meant}`, edits: [replace(range, `current.${meant}`)] }],
                },
              ];
        }),
      );
}
