import type { Fix } from "../../base/problems.ts";
import { rememberBy } from "../../base/remember.ts";
import type { BareName } from "../graph/bareNames.ts";
import type { FlowFile, FunctionSource } from "../graph/flowSource.ts";
import { METAFLOW_NAMES } from "../graph/metaflowNames.ts";
import { MODULE_IMPORTS } from "../graph/moduleImports.ts";
import { originOf } from "../graph/origin.ts";
import { assignedIn } from "./artifactFlow.ts";
import { insertAt, lineEndOf, linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { importFix } from "./importRules.ts";
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
    check: (context) => unboundIn(context).flatMap((found) => reportModule(found, context)),
  },
];

/** Ways to bind a name that nobody sees here, or to go on where there is none. */
const HIDES_NAMES = /\b(?:NameError|globals|__globals__|exec|builtins|__builtins__)\b|\bvars\(\)|\bsetattr\(\s*sys\./;

type Unbound = { bare: BareName; method: string; source: FunctionSource; known: ReadonlySet<string> };

/** Each name that a method in this file reads and that nothing binds, with the names that the flow has. */
const unboundIn = rememberBy((context: FlowContext): readonly Unbound[] => {
  const { flow, file } = context;
  if (HIDES_NAMES.test(file.text) || file.imports.some(({ name }) => name === "*")) {
    return [];
  }
  const methods = [...flow.attributes].flatMap(([name, { member, file: from }]) =>
    member.kind === "function" ? [{ name, source: member.source, isHere: from === file }] : [],
  );
  const known = new Set([...flow.attributes.keys(), ...methods.flatMap(({ source }) => assignedIn(source))]);
  return methods
    .filter(({ isHere, source }) => isHere && source.parameterNames[0] === "self")
    .flatMap(({ name: method, source }) =>
      unboundNames(source, context).map((bare) => ({ bare, method, source, known })),
    );
});

function reportMissingSelf({ bare, method, source, known }: Unbound, context: FlowContext): Report[] {
  const step = context.graph.nodes.get(method)?.step;
  const { outcome, ...serious } = failureIn(step);
  const meant = meaningOf(bare, { source, known, context });
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

function reportModule({ bare: { name, range }, method, source, known }: Unbound, context: FlowContext): Report[] {
  const statement = MODULE_IMPORTS.get(name);
  if (statement === undefined || known.has(name)) {
    return [];
  }
  const { file, graph } = context;
  const step = graph.nodes.get(method)?.step;
  return [
    {
      message: `\`${name}\` is imported neither in ${step ? `*${method}*` : `\`${method}\``} nor at the top of the file: a NameError when the line runs. Write \`${statement}\`.`,
      range,
      file,
      ...(step ? { step: method } : {}),
      fixes: importInMethod(statement, source, file),
    },
  ];
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

/** Whether Python itself, or the file outside of its classes, may have something of that name. */
function isBound(name: string, { file, find }: FlowContext): boolean {
  const origin = originOf(name, file, find);
  const isKnown = origin.kind === "metaflow" ? origin.isImported : origin.kind !== "unknown";
  if (isKnown || BUILTINS.has(name) || file.bound.has(name) || file.imports.some(({ local }) => local === name)) {
    return true;
  }
  const isInClass = (line: number) => file.classes.some((each) => line > each.line && line <= each.endLine);
  const binds = new RegExp(`\\b(?:for|as|import|global|match|case)\\b.*\\b${name}\\b|\\b${name}\\s*:=`);
  const isGlobal = new RegExp(`\\bglobal\\b.*\\b${name}\\b`);
  return linesOf(file).some((text, line) => (isInClass(line) ? isGlobal : binds).test(text));
}

/** What every Python file can name, without the classes of exceptions. */
const BUILTINS: ReadonlySet<string> = new Set(
  `abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex
   copyright credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr
   globals hasattr hash help hex id input int isinstance issubclass iter len license list locals map max
   memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice
   sorted staticmethod str sum super tuple type vars zip`.split(/\s+/),
);
