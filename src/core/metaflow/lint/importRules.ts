import { closestName } from "../../base/closestName.ts";
import type { Fix } from "../../base/problems.ts";
import type { DecoratorSource } from "../graph/flowSource.ts";
import { KNOWN_DECORATORS } from "../graph/knownDecorators.ts";
import { isStepMark, type ResolvedDecorator, type StepSource } from "../graph/linkFlow.ts";
import { METAFLOW_NAMES } from "../graph/metaflowNames.ts";
import { originOf } from "../graph/origin.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import { insertAt, lineEndOf, linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";

/** What ends the import of the file with an exception, before Metaflow's check is asked. */
export const importRules: readonly Rule[] = [
  {
    id: "missing-import",
    severity: "error",
    about: "a name of Metaflow is used without an import",
    check: checkMissing,
  },
  {
    id: "unknown-decorator",
    severity: "error",
    about: "a decorator that nothing in the file binds",
    check: checkUnknownDecorators,
  },
  {
    id: "unknown-import",
    severity: "error",
    about: "an import of what Metaflow does not have, such as foreach",
    check: checkUnknownImport,
  },
  {
    id: "decorator-order",
    severity: "error",
    about: "a decorator of Metaflow below @step",
    check: (context) => ownSteps(context).flatMap(decoratorsBelowStep),
  },
  {
    id: "misplaced-decorator",
    severity: "error",
    about: "a decorator for flows on a step, or one for steps on a flow",
    check: checkPlaces,
  },
  {
    id: "decorator-attribute",
    severity: "error",
    about: "a decorator is given an attribute that it does not have",
    check: checkAttributes,
  },
  {
    id: "duplicate-decorator",
    severity: "error",
    about: "the same decorator twice on one step",
    check: (context) => ownSteps(context).flatMap(repeatedDecorators),
  },
];

/** The steps that stand in the file itself, once each, also where they have two names. */
export function ownSteps({ flow, file }: FlowContext): StepSource[] {
  const own = flow.steps.filter((step) => step.file === file).toReversed();
  return [...new Map(own.map((step) => [step.source, step])).values()].toReversed();
}

function atDecorator({ callee, range }: DecoratorSource, file: Report["file"], message: string): Report {
  const end = { line: range.start.line, column: range.start.column + Math.max(1, callee.length) };
  return { message, range: { start: range.start, end }, file };
}

type Use = { name: string; range: Report["range"] };

function usedNames({ flow, file }: FlowContext): Use[] {
  const { source } = flow;
  const decorators = [
    ...source.decorators,
    ...flow.steps.filter((step) => step.file === file).flatMap((s) => s.source.decorators),
  ];
  const members = [...source.members.values()].flatMap((member) => (member.kind === "call" ? [member.call] : []));
  const calls = [...decorators, ...members].map(({ callee, range }) => ({
    name: callee,
    range: { start: range.start, end: { line: range.start.line, column: range.start.column + callee.length } },
  }));
  return [...source.bases, ...calls];
}

function checkMissing(context: FlowContext): Report[] {
  const { file, find } = context;
  const named = new Set<string>();
  return usedNames(context).flatMap(({ name, range }): Report[] => {
    const origin = originOf(name, file, find);
    if (origin.kind !== "metaflow" || origin.isImported || named.has(name)) {
      return [];
    }
    named.add(name);
    const message = `\`${name}\` is not imported, so that the file ends with a NameError. Import it from metaflow.`;
    return [{ message, range, file, fixes: importFix(name, context) }];
  });
}

/** Only a name that the file never mentions but behind an `@` is certain: there are many ways to bind one. */
function checkUnknownDecorators(context: FlowContext): Report[] {
  const { flow, file } = context;
  if (file.imports.some(({ name }) => name === "*")) {
    return [];
  }
  const decorators = [...flow.source.decorators, ...ownSteps(context).flatMap(({ source }) => source.decorators)];
  return decorators.flatMap((decorator): Report[] => {
    const [name = ""] = decorator.callee.split(".");
    const isElsewhere = new RegExp(`(?<![@\\w])${name}\\b`).test(file.text);
    if (name === "" || isElsewhere || METAFLOW_NAMES.has(name) || PYTHON_DECORATORS.has(name)) {
      return [];
    }
    const meant = closestName(name, Object.keys(KNOWN_DECORATORS));
    const report = atDecorator(
      decorator,
      file,
      `Nothing in this file is called \`${name}\`, so that it ends with a NameError. ${meant === undefined ? "Import it, or remove the decorator." : `Is \`${meant}\` meant?`}`,
    );
    const { start, end } = report.range;
    // The range begins with the decorator's `@`, or with its name.
    const word = { start: { line: start.line, column: end.column - decorator.callee.length }, end };
    return [{ ...report, fixes: meant === undefined ? [] : writeDecorator(meant, word, context) }];
  });
}

/** Puts the right name there, and imports it where the file does not have it yet. */
function writeDecorator(name: string, word: Report["range"], context: FlowContext): Fix[] {
  const isImported = context.file.imports.some(({ local }) => local === name);
  const imports = isImported ? [] : importFix(name, context).flatMap(({ edits }) => edits);
  return [{ title: `Write ${name}`, edits: [replace(word, name), ...imports] }];
}

const PYTHON_DECORATORS = new Set(["property", "staticmethod", "classmethod"]);

/** Adds a name to an import of Metaflow on one line, else a line of its own in front of the first import. */
export function importFix(name: string, { file }: Pick<FlowContext, "file">): Fix[] {
  const title = `Import ${name} from metaflow`;
  const lines = linesOf(file);
  for (const { module, line, isUnconditional, name: imported } of file.imports) {
    const text = lines[line] ?? "";
    const plain = /^from metaflow import [\w, ]+(?=\s*(#.*)?$)/.exec(text)?.[0].trimEnd();
    if (module === "metaflow" && isUnconditional && imported !== undefined && plain !== undefined) {
      return [{ title, edits: [insertAt(line, plain.length, `, ${name}`)] }];
    }
  }
  return importAtTop(`from metaflow import ${name}`, file, title);
}

/** Puts an import on a line of its own in front of the first one. */
export function importAtTop(statement: string, file: Report["file"], title = `Add ${statement}`): Fix[] {
  const first = file.imports.find(({ isUnconditional, module }) => isUnconditional && module !== "__future__");
  return first ? [{ title, edits: [insertAt(first.line, 0, `${statement}${lineEndOf(file)}`)] }] : [];
}

/** Words that people look for among the imports; all of them are arguments of `self.next`, or methods of a step. */
const NOT_IMPORTED: Readonly<Record<string, string>> = {
  foreach: '`foreach` is an argument: self.next(self.work, foreach="items").',
  num_parallel: "`num_parallel` is an argument: self.next(self.work, num_parallel=4).",
  condition: '`condition` is an argument: self.next({"a": self.a, "b": self.b}, condition="choice").',
  switch: 'A switch is written self.next({"a": self.a, "b": self.b}, condition="choice").',
  branch: "A branch is written self.next(self.a, self.b).",
  join: "A join is a step that takes `self` and `inputs`.",
  next: "`next` is a method: self.next(self.work).",
  merge_artifacts: "`merge_artifacts` is a method: self.merge_artifacts(inputs).",
};

function checkUnknownImport({ file }: FlowContext): Report[] {
  const lines = linesOf(file);
  const names = [...METAFLOW_NAMES];
  return file.imports.flatMap(({ module, name, line }): Report[] => {
    if (module !== "metaflow" || name === undefined || name === "*" || METAFLOW_NAMES.has(name)) {
      return [];
    }
    const hint = Object.hasOwn(NOT_IMPORTED, name) ? NOT_IMPORTED[name] : undefined;
    // An extension may add names to Metaflow, so that an unknown one is a mistake only where it looks like one.
    const meant = hint === undefined && !EXTENSION_NAMES.has(name) ? closestName(name, names) : undefined;
    if (hint === undefined && meant === undefined) {
      return [];
    }
    const found = lines.findIndex((text, index) => index >= line && new RegExp(`\\b${name}\\b`).test(text));
    const row = found === -1 ? line : found;
    const text = lines[row] ?? "";
    const column = Math.max(0, text.search(new RegExp(`\\b${name}\\b`)));
    const range = { start: { line: row, column }, end: { line: row, column: column + name.length } };
    const fixes =
      meant === undefined
        ? removeImportFix(text, name, row)
        : [{ title: `Import ${meant}`, edits: [replace(range, meant)] }];
    return [
      { message: `Metaflow has no \`${name}\` to import. ${hint ?? `Is \`${meant}\` meant?`}`, range, file, fixes },
    ];
  });
}

/** Names that extensions of Metaflow add and that look like a mistyped one of its own. */
const EXTENSION_NAMES = new Set(["cards", "steps", "flows", "model", "models", "checkpoint", "events", "secret"]);

function removeImportFix(text: string, name: string, line: number): Fix[] {
  const list = /^(from metaflow import )([\w, ]+)$/.exec(text.trimEnd());
  const rest =
    list?.[2]
      ?.split(",")
      .map((each) => each.trim())
      .filter((each) => each !== name) ?? [];
  const range = { start: { line, column: 0 }, end: { line, column: text.length } };
  return list && rest.length > 0
    ? [{ title: `Remove ${name} from the import`, edits: [replace(range, `${list[1]}${rest.join(", ")}`)] }]
    : [];
}

function decoratorsBelowStep(step: StepSource): Report[] {
  const mark = step.decorators.findIndex(({ origin }) => isStepMark(origin));
  const below = step.decorators.slice(mark + 1).filter((decorator) => metaflowName(decorator) !== undefined);
  return below.map(({ source, file }) => ({
    ...atDecorator(
      source,
      file,
      `@${source.callee} stands below @step, and Metaflow refuses it there. @step comes last.`,
    ),
    step: step.name,
    fixes: moveStepDown(step, mark),
  }));
}

/** Puts the line of `@step` directly above `def`, where every decorator has a line of its own. */
function moveStepDown({ source, file, decorators }: StepSource, mark: number): Fix[] {
  const lines = linesOf(file);
  const line = decorators[mark]?.source.line ?? 0;
  const last = decorators.at(-1)?.source.range.end.line ?? line;
  const text = lines[line] ?? "";
  if (!/^\s*@[\w.]+(\(\))?\s*(#.*)?$/.test(text) || source.range.start.line !== last + 1) {
    return [];
  }
  const cut = { start: { line, column: 0 }, end: { line: line + 1, column: 0 } };
  return [{ title: "Move @step down", edits: [replace(cut, ""), insertAt(last + 1, 0, `${text}${lineEndOf(file)}`)] }];
}

function checkPlaces({ flow, file }: FlowContext): Report[] {
  const wrong = (decorators: readonly ResolvedDecorator[], place: "step" | "flow") =>
    decorators.filter(
      (each) => each.file === file && knownDecorator(each)?.on === (place === "step" ? "flow" : "step"),
    );
  return [
    ...wrong(flow.decorators, "flow").map(({ source }) =>
      atDecorator(source, file, `@${source.callee} is a decorator for steps. Put it above the @step that it is for.`),
    ),
    ...flow.steps.flatMap((step) =>
      wrong(step.decorators, "step").map(({ source }) => ({
        ...atDecorator(
          source,
          file,
          `@${source.callee} is a decorator for flows. Put it above the class ${flow.name}.`,
        ),
        step: step.name,
      })),
    ),
  ];
}

function knownDecorator(decorator: ResolvedDecorator): (typeof KNOWN_DECORATORS)[string] | undefined {
  const name = metaflowName(decorator);
  return name !== undefined && Object.hasOwn(KNOWN_DECORATORS, name) ? KNOWN_DECORATORS[name] : undefined;
}

function checkAttributes({ flow, file }: FlowContext): Report[] {
  const used = [...flow.decorators, ...flow.steps.flatMap(({ decorators }) => decorators)];
  return [...new Set(used)]
    .filter((each) => each.file === file)
    .flatMap((decorator) => {
      const known = knownDecorator(decorator);
      const names = Object.keys(known?.defaults ?? {});
      return [...decorator.source.keywords].flatMap(([name, { nameRange }]): Report[] => {
        if (!known || names.includes(name) || !nameRange) {
          return [];
        }
        const meant = closestName(name, names);
        const list =
          names.length === 0
            ? "It takes none."
            : `It takes ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}.`;
        return [
          {
            message: `@${decorator.source.callee} has no attribute \`${name}\`. ${meant === undefined ? list : `Is \`${meant}\` meant?`}`,
            range: nameRange,
            file,
            fixes: meant === undefined ? [] : [{ title: `Write ${meant}`, edits: [replace(nameRange, meant)] }],
          },
        ];
      });
    });
}

function repeatedDecorators(step: StepSource): Report[] {
  const names = step.decorators.map(metaflowName);
  return step.decorators.flatMap((decorator, index): Report[] => {
    const name = names[index];
    const isRepeated = name !== undefined && name !== "step" && names.indexOf(name) !== index;
    return isRepeated && knownDecorator(decorator) && knownDecorator(decorator)?.isRepeatable !== true
      ? [
          {
            ...atDecorator(
              decorator.source,
              step.file,
              `@${name} stands on *${step.name}* twice; Metaflow allows it once.`,
            ),
            step: step.name,
          },
        ]
      : [];
  });
}
