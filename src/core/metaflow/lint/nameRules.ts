import type { Fix } from "../../base/problems.ts";
import { rememberBy } from "../../base/remember.ts";
import type { BareName } from "../graph/bareNames.ts";
import type { FlowFile, FunctionSource } from "../graph/flowSource.ts";
import { METAFLOW_NAMES } from "../graph/metaflowNames.ts";
import { MODULE_IMPORTS } from "../graph/moduleImports.ts";
import { assignedIn } from "./artifactFlow.ts";
import { isBound, isBoundInClass } from "./boundNames.ts";
import { insertAt, lineEndOf, linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { importAtTop, importFix } from "./importRules.ts";
import { isInNext } from "./ownMethods.ts";
import { failureIn } from "./stepReports.ts";

/** Names that nothing binds and that can only mean something of the flow, of Metaflow, or a module. */
export const nameRules: readonly Rule[] = [
  {
    id: "missing-self",
    severity: "error",
    about:
      "an artifact, a Parameter or a method of the flow without self in front, or a name of Metaflow without its import",
    check: (context) => unboundIn(context).flatMap((found) => reportMissingSelf(found, context)),
  },
  {
    id: "module-not-imported",
    severity: "warning",
    about: "np, pd, plt, torch, os and the like in a method, where nothing imports them",
    check: (context) => [
      ...unboundIn(context).flatMap((found) => reportModule(found, context)),
      ...ownMethodsOf(context).flatMap(({ source }) => modulesInDefaults(source, context)),
    ],
  },
];

/** Ways to bind a name that nobody sees here, or to go on where there is none. */
const HIDES_NAMES = /\b(?:NameError|globals|__globals__|exec|builtins|__builtins__)\b|\bvars\(\)|\bsetattr\(\s*sys\./;

function hidesNames({ text, imports }: FlowFile): boolean {
  return HIDES_NAMES.test(text) || imports.some(({ name }) => name === "*");
}

type Unbound = { bare: BareName; method: string; source: FunctionSource; known: ReadonlySet<string> };

/** Each name that a method in this file reads and that nothing binds, with the names that the flow has. */
const unboundIn = rememberBy((context: FlowContext): readonly Unbound[] => {
  const { flow, file } = context;
  if (hidesNames(file)) {
    return [];
  }
  const known = new Set([...flow.attributes.keys(), ...methodsOf(context).flatMap(({ source }) => assignedIn(source))]);
  return ownMethodsOf(context)
    .filter(({ source }) => source.parameterNames[0] === "self")
    .flatMap(({ name: method, source }) =>
      unboundNames(source, context).map((bare) => ({ bare, method, source, known })),
    );
});

function methodsOf({ flow, file }: FlowContext): { name: string; source: FunctionSource; isHere: boolean }[] {
  return [...flow.attributes].flatMap(([name, { member, file: from }]) =>
    member.kind === "function" ? [{ name, source: member.source, isHere: from === file }] : [],
  );
}

function ownMethodsOf(context: FlowContext): { name: string; source: FunctionSource }[] {
  return methodsOf(context).filter(({ isHere }) => isHere);
}

function reportMissingSelf({ bare, method, source, known }: Unbound, context: FlowContext): Report[] {
  const step = context.graph.nodes.get(method)?.step;
  const { outcome, ...serious } = failureIn(step);
  const meant = isModule(bare, known, context) ? undefined : meaningOf(bare, { source, known, context });
  return meant === undefined
    ? []
    : [
        {
          ...serious,
          message: `Nothing here is called \`${bare.name}\`, and ${outcome}. ${meant.hint}`,
          range: bare.range,
          file: context.file,
          ...(step ? { step: method } : {}),
          fixes: meant.fixes,
        },
      ];
}

/** Of `time` and `self.time` it is the module that has a member in `time.time()`. */
function isModule({ name, range }: BareName, known: ReadonlySet<string>, { file }: FlowContext): boolean {
  const rest = (linesOf(file)[range.end.line] ?? "").slice(range.end.column);
  return MODULE_IMPORTS.has(name) && (!known.has(name) || /^\s*\./.test(rest));
}

function reportModule({ bare, method, source, known }: Unbound, context: FlowContext): Report[] {
  const { name, range } = bare;
  const statement = MODULE_IMPORTS.get(name);
  if (statement === undefined || !isModule(bare, known, context)) {
    return [];
  }
  const { file, graph } = context;
  const step = graph.nodes.get(method)?.step;
  const artifact = known.has(name) ? `self.${name}` : undefined;
  const other = artifact === undefined ? "" : ` Where the artifact is meant, write \`${artifact}\`.`;
  return [
    {
      message: `\`${name}\` is imported neither in ${step ? `*${method}*` : `\`${method}\``} nor at the top of the file: a NameError when the line runs. Write \`${statement}\`.${other}`,
      range,
      file,
      ...(step ? { step: method } : {}),
      fixes: [
        ...importInMethod(statement, source, file),
        ...(artifact === undefined ? [] : [{ title: `Write ${artifact}`, edits: [replace(range, artifact)] }]),
      ],
    },
  ];
}

/** The defaults of arguments are worked out in the class, where its methods do not bind anything. */
function modulesInDefaults({ body, fullRange }: FunctionSource, context: FlowContext): Report[] {
  const { file, flow } = context;
  return (body?.namesInDefaults ?? []).flatMap(({ name, range }): Report[] => {
    const statement = MODULE_IMPORTS.get(name);
    const isCertain =
      !hidesNames(file) && !flow.attributes.has(name) && !isBoundInClass(name, file, fullRange.start.column);
    return statement === undefined || !isCertain || isBound(name, context)
      ? []
      : [
          {
            message: `\`${name}\` is not imported at the top of the file, and Python works out a default when it reads the file: a NameError. Write \`${statement}\` there.`,
            range,
            file,
            severity: "error",
            fixes: importAtTop(statement, file),
          },
        ];
  });
}

/** Puts the import in front of the first statement of a method, where that has a line of its own. */
function importInMethod(statement: string, { body }: FunctionSource, file: FlowFile): Fix[] {
  const { line, column } = body?.start ?? { line: 0, column: 0 };
  const indent = (linesOf(file)[line] ?? "").slice(0, column);
  return indent === "" || indent.trim() !== ""
    ? []
    : [{ title: `Add ${statement}`, edits: [insertAt(line, 0, `${indent}${statement}${lineEndOf(file)}`)] }];
}

function unboundNames({ body }: FunctionSource, context: FlowContext): BareName[] {
  return body ? body.bareNames.filter((bare) => !isBound(bare.name, context) && !isInNext(bare, body)) : [];
}

type Place = { source: FunctionSource; known: ReadonlySet<string>; context: FlowContext };

function meaningOf(
  { name, range }: BareName,
  { source, known, context }: Place,
): { hint: string; fixes: Fix[] } | undefined {
  const meant = known.has(name) ? `self.${name}` : name === "inputs" ? source.parameterNames[1] : undefined;
  if (meant !== undefined) {
    return { hint: `Is \`${meant}\` meant?`, fixes: [{ title: `Write ${meant}`, edits: [replace(range, meant)] }] };
  }
  if (name === "inputs") {
    return { hint: "Only a join has `inputs`, as its second argument; any other step reads `self`.", fixes: [] };
  }
  return METAFLOW_NAMES.has(name) ? { hint: "Import it from metaflow.", fixes: importFix(name, context) } : undefined;
}
