import { callsClass } from "../graph/callsClass.ts";
import type { FlowFile } from "../graph/flowSource.ts";
import { declarationsOf } from "../graph/linkFlow.ts";
import { originOf } from "../graph/origin.ts";
import { isOwnDecorator, metaflowName } from "../graph/stepDecorators.ts";
import { insertAt, lineEndOf, linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { importFix, ownSteps } from "./importRules.ts";
import { isAbstract } from "./leftToOthers.ts";

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
    id: "async-step",
    severity: "error",
    about: "a step that is an async def, which Metaflow calls and does not wait for",
    check: checkAsync,
  },
  {
    id: "unfinished-init",
    severity: "error",
    about: "a flow with an __init__ that does not call the one of FlowSpec, so that running the file does nothing",
    check: checkInit,
  },
];

function checkAsync(context: FlowContext): Report[] {
  return ownSteps(context)
    .filter(({ source }) => source.isAsync)
    .map(({ name, source }) => ({
      message: `Metaflow does not wait for *${name}*, which is an async def, and the run ends here. Write \`def ${name}\`, and call asyncio.run(…) in it.`,
      range: source.range,
      file: context.file,
      step: name,
    }));
}

function checkCalled({ flow, graph, file }: FlowContext): Report[] {
  const isRunnable = flow.isComplete && graph.start !== undefined && graph.end !== undefined && !file.syntaxError;
  if (!isRunnable || isAbstract(flow)) {
    return [];
  }
  if (callsClass(file, flow.name)) {
    return wrongMain(file);
  }
  if (isHandedOn(file, flow.name)) {
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

/** A call at the left edge, which is made whatever the name of the file is. */
const TOP_CALL = /^[A-Za-z_][\w.]*\(/;

/** The class is a value of the file, as in `{"add": AddFlow}[name]()`, and may be called by another name. */
function isHandedOn(file: FlowFile, name: string): boolean {
  const value = new RegExp(`(?:[[{(,:=]|\\breturn\\b)\\s*${name}\\b(?!\\s*[:=(])`);
  return linesOf(file).some((line) => !/^\s*(?:class\b|#)/.test(line) && value.test(line));
}

/** Python calls the file that it runs `__main__`. What is called without a guard runs whatever its name is. */
function wrongMain(file: FlowFile): Report[] {
  const lines = linesOf(file);
  if (lines.some((each) => each.includes("__main__") || TOP_CALL.test(each))) {
    return [];
  }
  const line = lines.findIndex((each) => /^if\s+__name__\s*==\s*["']/.test(each));
  const [, before = "", name = ""] = /^(if\s+__name__\s*==\s*)(["'].*?["'])/.exec(lines[line] ?? "") ?? [];
  const range = { start: { line, column: before.length }, end: { line, column: before.length + name.length } };
  return name === "" || name.slice(1, -1) === "__main__"
    ? []
    : [
        {
          message: `Running this file does nothing: the name of a file that Python runs is "__main__", and never ${name}.`,
          severity: "warning",
          range,
          file,
          fixes: [{ title: 'Write "__main__"', edits: [replace(range, '"__main__"')] }],
        },
      ];
}

/** `FlowSpec.__init__` is what reads the command line. */
function checkInit({ flow, file }: FlowContext): Report[] {
  const attribute = flow.attributes.get("__init__");
  const source = attribute?.file === file && attribute.member.kind === "function" ? attribute.member.source : undefined;
  const callsOther =
    source?.body?.calls.some(({ method }) => method === "super") === true ||
    source?.body?.attributes.some(({ name }) => name === "__init__") === true;
  return flow.isComplete && source && !callsOther && !source.hasSyntaxErrors
    ? [
        {
          message: `Running this file does nothing: __init__ of ${flow.name} does not call super().__init__(), which starts Metaflow. Assign what the steps need in the start step instead, and remove __init__.`,
          range: source.range,
          file,
        },
      ]
    : [];
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
  if (origin.kind !== "metaflow" || !flow.decorators.every(isOwnDecorator)) {
    return [];
  }
  return ownSteps(context).flatMap(({ name, source, decorators }): Report[] => {
    const use = source.body?.attributes.find((each) => each.owner === "current" && each.name === "card");
    const isAsked = source.body?.calls.some(({ method }) => /^(has|get)attr$/.test(method)) === true;
    const mayHaveCard = decorators.some((each) => metaflowName(each) === "card" || !isOwnDecorator(each));
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
