/** A flow to be written as Python: what a corpus varies, and what a mutation changes. */
export type FlowModel = {
  className: string;
  steps: StepModel[];
  /** Lines of the class body in front of the steps. */
  members: string[];
  /** Decorators of the class, without `@`. */
  classDecorators: string[];
  imports: ImportStyle;
  /** How many of the steps stand in a base class, and whether that is a file of its own. */
  inherited: { count: number; isOwnFile: boolean };
  /** `a = b` behind the steps. */
  aliases: { name: string; of: string }[];
  layout: { indent: string; lineEnd: string; hasMark: boolean };
};

export type ImportStyle = "names" | "aliases" | "module" | "moduleAlias" | "star";

export type StepModel = {
  name: string;
  parameters: string;
  /** Without `@`, outermost first; the step mark comes last. */
  decorators: string[];
  mark: string;
  doc?: string;
  body: string[];
  next: Next;
};

export type Next =
  | { kind: "none" }
  | { kind: "targets"; targets: string[] }
  | { kind: "foreach"; targets: string[]; artifact: string }
  | { kind: "parallel"; targets: string[]; count: string }
  | { kind: "switch"; cases: [string, string][]; condition: string }
  | { kind: "raw"; text: string };

/** Python files by module name; the flow itself has the name that is given. */
export function renderModel(model: FlowModel, moduleName: string): Map<string, string> {
  const base = `${model.className}Base`;
  const { count, isOwnFile } = model.inherited;
  const [own, inherited] = [model.steps.slice(count), model.steps.slice(0, count)];
  const header = importLines(model);
  const baseClass =
    count === 0 ? [] : [`class ${base}(${spell(model, "FlowSpec")}):`, ...classBody(model, inherited, [])];
  const parent = count === 0 ? spell(model, "FlowSpec") : base;
  const flowClass = [
    ...model.classDecorators.map((each) => `@${spellDecorator(model, each)}`),
    `class ${model.className}(${parent}):`,
    ...classBody(model, own, [...model.members]),
    ...model.aliases.map(({ name, of }) => `\t${name} = ${of}`),
  ];
  const footer = ["", `if __name__ == "__main__":`, `\t${model.className}()`];
  const files = new Map<string, string>();
  if (count > 0 && isOwnFile) {
    files.set(`${moduleName}_base`, finish([...header, ...baseClass], model));
    const fromBase = `from ${moduleName}_base import ${base}`;
    files.set(moduleName, finish([...header, fromBase, "", ...flowClass, ...footer], model));
  } else {
    files.set(moduleName, finish([...header, ...baseClass, "", ...flowClass, ...footer], model));
  }
  return files;
}

/** Every name of Metaflow that a model may use. */
const NAMES = [
  "FlowSpec",
  "step",
  "Parameter",
  "IncludeFile",
  "Config",
  "JSONType",
  "retry",
  "catch",
  "timeout",
  "resources",
  "card",
  "environment",
  "parallel",
  "pytorch_parallel",
  "project",
  "schedule",
  "secrets",
  "user_step_decorator",
];

function importLines({ imports }: FlowModel): string[] {
  const lines: Record<ImportStyle, string> = {
    names: `from metaflow import (${NAMES.join(", ")})`,
    aliases: `from metaflow import ${NAMES.map((name) => `${name} as mf_${name}`).join(", ")}`,
    module: "import metaflow",
    moduleAlias: "import metaflow as mf",
    star: "from metaflow import *\nfrom metaflow import FlowSpec, Parameter",
  };
  return [lines[imports], "", "MEMORY = 4 * 1024", ""];
}

function spell({ imports }: FlowModel, name: string): string {
  const spelled: Record<ImportStyle, string> = {
    names: name,
    aliases: `mf_${name}`,
    module: `metaflow.${name}`,
    moduleAlias: `mf.${name}`,
    star: name,
  };
  return spelled[imports];
}

function spellDecorator(model: FlowModel, text: string): string {
  return text.replace(/^\w+/, (name) => spell(model, name));
}

function classBody(model: FlowModel, steps: readonly StepModel[], members: readonly string[]): string[] {
  const lines = members.map(
    (line) => `\t${line.replace(/^(\w+) = (\w+)\(/, (_, name, kind) => `${name} = ${spell(model, kind)}(`)}`,
  );
  return lines.length + steps.length === 0
    ? ["\tpass"]
    : [...lines, ...steps.flatMap((step) => stepLines(model, step))];
}

function stepLines(model: FlowModel, step: StepModel): string[] {
  const tail = nextText(step.next);
  const body = [...(step.doc === undefined ? [] : [step.doc]), ...step.body, ...(tail === undefined ? [] : [tail])];
  const lines = body.every((line) => line.startsWith("#")) ? [...body, "pass"] : body;
  return [
    "",
    ...step.decorators.map((each) => `\t@${spellDecorator(model, each)}`),
    `\t@${step.mark === "staticmethod" ? step.mark : spellDecorator(model, step.mark)}`,
    `\tdef ${step.name}(${step.parameters}):`,
    ...lines.flatMap((line) => line.split("\n").map((part) => `\t\t${part}`)),
  ];
}

export function nextText(next: Next): string | undefined {
  switch (next.kind) {
    case "targets":
      return `self.next(${targetList(next.targets)})`;
    case "foreach":
      return `self.next(${targetList(next.targets)}, foreach=${next.artifact})`;
    case "parallel":
      return `self.next(${targetList(next.targets)}, num_parallel=${next.count})`;
    case "switch":
      return `self.next({${next.cases.map(([key, target]) => `${key}: self.${target}`).join(", ")}}, condition=${next.condition})`;
    case "raw":
      return next.text;
    case "none":
      break;
  }
  return undefined;
}

function targetList(targets: readonly string[]): string {
  return targets.map((target) => `self.${target}`).join(", ");
}

function finish(lines: readonly string[], { layout }: FlowModel): string {
  const indented = lines.flatMap((line) => line.split("\n")).map((line) => line.replaceAll("\t", layout.indent));
  return `${layout.hasMark ? "\ufeff" : ""}${indented.join(layout.lineEnd)}${layout.lineEnd}`;
}
