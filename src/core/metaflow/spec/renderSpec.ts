import { closestName } from "../../base/closestName.ts";
import { UserError } from "../../base/errors.ts";
import type { FlowName } from "../flowName.ts";
import { KNOWN_DECORATORS } from "../graph/knownDecorators.ts";
import type { DecoratorSpec, FlowSpec, StepSpec } from "./flowSpec.ts";
import { attributeOf, parameterLines, validationLines } from "./parameterText.ts";
import { docstring, inFString, MAX_WIDTH, pythonCall, pythonLiteral, pythonString } from "./pythonText.ts";

const CLASS = "    ";
const BODY = "        ";

/** The rounds of a loop whose end nobody described. */
const DEFAULT_ROUNDS = 3;

/**
 * The Python text of a flow of any shape. What the spec leaves open is filled in so that the flow runs: a list that is
 * split over is its `values`, a switch takes its first way, a loop ends after three rounds, a join keeps what its
 * branches agree on. Throws a UserError where names or parameters contradict each other; whether the steps make a
 * flow is for the check of the text.
 */
export function renderSpec(spec: FlowSpec, name: FlowName): string {
  requireDistinct(
    "step",
    spec.steps.map((step) => step.name),
  );
  requireDistinct("parameter", (spec.parameters ?? []).map(attributeOf));
  const classLines = [
    ...decoratorLines(spec.decorators ?? [], "flow", ""),
    `class ${name.className}(FlowSpec):`,
    ...classDoc(spec, name),
    ...(spec.parameters ?? []).flatMap((parameter) => parameterLines(parameter, CLASS)),
    ...((spec.parameters ?? []).length > 0 ? [""] : []),
    ...spec.steps.flatMap((step) => [...stepLines(step, spec), ""]),
  ];
  const text = classLines.join("\n");
  return [
    docstring(spec.doc),
    "",
    ...importLines(text),
    "",
    "",
    text.trimEnd(),
    "",
    "",
    `if __name__ == "__main__":`,
    `    ${name.className}()`,
    "",
  ].join("\n");
}

function requireDistinct(kind: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UserError(`The ${kind} ${twice} is there twice. Give one of them another name.`);
  }
}

const IMPORTED = ["FlowSpec", "IncludeFile", "JSONType", "Parameter", "current", "step", "Flow", "Run", "S3"];

/** Metaflow's names that the text uses, in the order of import sorters: classes in front of functions. */
function importLines(text: string): string[] {
  const candidates = [...IMPORTED, ...Object.keys(KNOWN_DECORATORS)];
  const used = candidates.filter((name) => new RegExp(`(?<![\\w."'])@?${name}\\b(?=[.(,):\\s])`).test(code(text)));
  const sorted = used.toSorted((a, b) => Number(isClass(b)) - Number(isClass(a)) || (a < b ? -1 : 1));
  const line = `from metaflow import ${sorted.join(", ")}`;
  return [
    ...(line.length <= MAX_WIDTH ? [line] : ["from metaflow import (", ...sorted.map((name) => `    ${name},`), ")"]),
    ...(/\bMarkdown\(/.test(text) ? ["from metaflow.cards import Markdown"] : []),
  ];
}

function isClass(name: string): boolean {
  return /^[A-Z]/.test(name);
}

/** Without strings, whose words are no names, but with what f-strings compute. */
function code(text: string): string {
  return text.replace(STRING, (literal: string, prefix: string) => (/f/i.test(prefix) ? computedIn(literal) : '""'));
}

const STRING = /(\b[a-zA-Z]{1,2})?(?:"""[\s\S]*?"""|(["'])(?:\\.|(?!\2).)*\2)/g;

/** `{current.run_id}` gives `current.run_id`. */
function computedIn(literal: string): string {
  return [...literal.matchAll(/\{([^{}]*)\}/g)].map(([, field = ""]) => ` ${field} `).join(";");
}

function classDoc(spec: FlowSpec, { moduleName }: FlowName): string[] {
  const example = spec.parameters?.find((each) => each.default !== undefined && each.type !== "json");
  const value = example && ` --${example.name} ${scalarText(example.default)}`;
  const usage = [
    `python ${moduleName}.py run`,
    ...(value && /^ --[\w-]+ [\w.-]+$/.test(value) ? [`python ${moduleName}.py run${value}`] : []),
  ];
  const opening = docstring(spec.doc).slice(0, -3);
  return [`${CLASS}${opening}`, "", `${CLASS}Usage:`, ...usage.map((line) => `${BODY}${line}`), `${CLASS}"""`, ""];
}

/** Nothing for a value that a command line would have to quote. */
function scalarText(value: unknown): string {
  if (typeof value === "boolean") {
    return value ? "True" : "False";
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function decoratorLines(decorators: readonly DecoratorSpec[], on: "step" | "flow", indent: string): string[] {
  return decorators.flatMap(({ name, arguments: given = {} }) => {
    const known = Object.hasOwn(KNOWN_DECORATORS, name) ? KNOWN_DECORATORS[name] : undefined;
    if (known?.on !== on) {
      const names = Object.keys(KNOWN_DECORATORS).filter((each) => KNOWN_DECORATORS[each]?.on === on);
      const similar = closestName(name, names);
      throw new UserError(`Metaflow has no ${on} decorator @${name}.${similar ? ` Did you mean @${similar}?` : ""}`);
    }
    const unknown = Object.keys(given).find((argument) => !Object.hasOwn(known.defaults, argument));
    if (unknown !== undefined) {
      throw new UserError(`@${name} has no argument ${unknown}. It takes ${Object.keys(known.defaults).join(", ")}.`);
    }
    const args = Object.entries(given).map(([argument, value]) => `${argument}=${pythonLiteral(value)}`);
    return args.length === 0 ? [`${indent}@${name}`] : pythonCall(`@${name}`, args, indent);
  });
}

function stepLines(step: StepSpec, spec: FlowSpec): string[] {
  const card: DecoratorSpec[] = step.card ? [{ name: "card", arguments: { type: "blank" } }] : [];
  return [
    ...decoratorLines([...card, ...(step.decorators ?? [])], "step", CLASS),
    `${CLASS}@step`,
    `${CLASS}def ${step.name}(self${step.join ? ", inputs" : ""}):`,
    `${BODY}${docstring(step.doc)}`,
    ...(step.name === "start" ? (spec.parameters ?? []).flatMap((each) => validationLines(each, BODY)) : []),
    ...(step.join ? joinLines(step.join.collect ?? []) : []),
    ...(step.body === undefined || step.body.trim() === "" ? progressLine(step, spec) : indented(step.body)),
    ...(step.card ? [`${BODY}current.card.append(Markdown(${pythonString(`# ${step.name}: ${step.doc}`)}))`] : []),
    ...nextLines(step, spec),
  ];
}

/** The lists of what the branches have each, then what they agree on. */
function joinLines(collected: readonly string[]): string[] {
  const exclude = collected.length === 0 ? [] : [`exclude=[${collected.map(pythonString).join(", ")}]`];
  return [
    ...collected.map((name) => `${BODY}self.all_${name} = [branch.${name} for branch in inputs]`),
    ...pythonCall("self.merge_artifacts", ["inputs", ...exclude], BODY),
  ];
}

function progressLine(step: StepSpec, spec: FlowSpec): string[] {
  const isBody = spec.steps.some(({ next }) => next?.kind === "foreach" && next.step === step.name);
  const run = "{current.flow_name}/{current.run_id}";
  if (step.name === "start" || step.name === "end") {
    return [`${BODY}print(f"${step.name === "start" ? "Started" : "Finished"} ${run}")`];
  }
  return isBody && !step.join
    ? [`${BODY}print(f"${inFString(`${step.name}: `)}{self.input}")`]
    : [`${BODY}print(${pythonString(`${step.name}: ${step.doc}`)})`];
}

/** The statements at the depth of a method, whatever their own depth was. */
function indented(body: string): string[] {
  const lines = body
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", "    ")
    .replace(/^\n+|\s+$/g, "")
    .split("\n");
  const depths = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const depth = Math.min(...depths);
  return lines.map((line) => (line.trim() === "" ? "" : `${BODY}${line.slice(depth)}`));
}

function nextLines({ name, next, body = "" }: StepSpec, spec: FlowSpec): string[] {
  if (next?.kind === "to") {
    return [`${BODY}self.next(self.${next.step})`];
  }
  if (next?.kind === "branch") {
    return pythonCall(
      "self.next",
      next.steps.map((step) => `self.${step}`),
      BODY,
    );
  }
  if (next?.kind === "foreach") {
    const isParameter = (spec.parameters ?? []).some((each) => attributeOf(each) === next.over);
    return [
      ...(next.values && !isParameter ? [`${BODY}self.${next.over} = ${pythonLiteral(next.values)}`] : []),
      `${BODY}self.next(self.${next.step}, foreach=${pythonString(next.over)})`,
    ];
  }
  return next ? switchLines(name, next, body) : [];
}

type Switch = Extract<NonNullable<StepSpec["next"]>, { kind: "switch" }>;

function switchLines(name: string, next: Switch, body: string): string[] {
  const isAssigned = new RegExp(`\\bself\\.${next.on}\\s*=(?!=)`).test(body);
  const cases = Object.entries(next.cases).map(([value, step]) => `${pythonString(value)}: self.${step}`);
  return [
    ...(isAssigned ? [] : choiceLines(name, next)),
    ...pythonCall("self.next", [`{${cases.join(", ")}}`, `condition=${pythonString(next.on)}`], BODY),
  ];
}

function choiceLines(name: string, { on, cases, choose }: Switch): string[] {
  if (choose !== undefined) {
    return [`${BODY}self.${on} = ${choose}`];
  }
  const entries = Object.entries(cases);
  const again = entries.find(([, step]) => step === name)?.[0];
  const onward = entries.find(([, step]) => step !== name)?.[0] ?? "";
  if (again === undefined) {
    return [`${BODY}self.${on} = ${pythonString(onward)}`];
  }
  const rounds = `self.${name}_rounds`;
  return [
    `${BODY}${rounds} = getattr(self, "${name}_rounds", 0) + 1`,
    `${BODY}self.${on} = ${pythonString(again)} if ${rounds} < ${DEFAULT_ROUNDS} else ${pythonString(onward)}`,
  ];
}
