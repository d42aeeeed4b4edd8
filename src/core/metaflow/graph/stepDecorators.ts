import type { ClassSource, FlowFile } from "./flowSource.ts";
import { KNOWN_DECORATORS } from "./knownDecorators.ts";
import { type Flow, isStepMark, type ResolvedDecorator, type StepSource } from "./linkFlow.ts";
import { type FindModule, originOf } from "./origin.ts";
import { keyText, type PlainData, type PythonValue, plainData } from "./pythonValue.ts";

export type StepDecorator = { name: string; attributes: Readonly<Record<string, PlainData>> };

/** Extensions of Metaflow whose decorators run a step as several processes. */
const PARALLEL_EXTENSIONS = new Set(["torchrun", "deepspeed", "metaflow_ray", "mpi", "tensorflow"]);

/**
 * The decorators of a step as Metaflow lists them when `main` is run: from the innermost, its own before those that users
 * wrote. What a
 * mutator adds while the flow starts cannot be known without running it.
 */
export function stepDecorators(step: StepSource, main: FlowFile, find: FindModule): StepDecorator[] {
  const inner = step.decorators.toReversed().filter(({ origin }) => !isStepMark(origin));
  const own = inner.flatMap((decorator) => metaflowDecorator(decorator) ?? []);
  const written = inner.flatMap((decorator) => userDecorator(decorator, main, find) ?? []);
  return [
    ...own,
    ...written.filter(({ kind }) => kind === "wrapper").map(({ decorator }) => decorator),
    ...written.filter(({ kind }) => kind === "mutator").map(({ decorator }) => decorator),
  ];
}

export function isParallelStep({ decorators }: StepSource): boolean {
  return decorators.some(({ origin }) => {
    const name = origin.kind === "metaflow" ? origin.name : "";
    return PARALLEL_EXTENSIONS.has(name) || KNOWN_DECORATORS[name]?.isParallel === true;
  });
}

/** The name of Metaflow's decorator, or nothing for another one. */
export function metaflowName({ origin }: ResolvedDecorator): string | undefined {
  return origin.kind === "metaflow" ? origin.name : undefined;
}

/** Not of an extension or of a person, whose decorators may assign artifacts and add to `current`. */
export function isOwnDecorator(decorator: ResolvedDecorator): boolean {
  const name = metaflowName(decorator);
  return isStepMark(decorator.origin) || (name !== undefined && Object.hasOwn(KNOWN_DECORATORS, name));
}

/** Metaflow's own decorators are the only ones of a flow and its steps. */
export function hasOwnDecoratorsOnly({ decorators, steps }: Flow): boolean {
  return [...decorators, ...steps.flatMap((step) => step.decorators)].every(isOwnDecorator);
}

/**
 * A decorator with every attribute that it takes: those that are written, and the defaults of the others. What `**config`
 * sets is known to a run only, and then none of the others is.
 */
function metaflowDecorator(decorator: ResolvedDecorator): StepDecorator | undefined {
  const name = metaflowName(decorator);
  if (name === undefined) {
    return undefined;
  }
  const defaults = Object.hasOwn(KNOWN_DECORATORS, name) ? KNOWN_DECORATORS[name]?.defaults : undefined;
  const attributes = Object.entries(decorator.source.hasSplat ? {} : (defaults ?? {})).map(([key, value]) => [
    key,
    value ?? "None",
  ]);
  return { name, attributes: { ...Object.fromEntries(attributes), ...writtenAttributes(decorator) } };
}

function writtenAttributes({ source }: ResolvedDecorator): Record<string, PlainData> {
  return Object.fromEntries([...source.keywords].map(([key, { value }]) => [key, plainData(value)]));
}

type UserDecorator = { kind: "wrapper" | "mutator"; decorator: StepDecorator };

function userDecorator(decorator: ResolvedDecorator, main: FlowFile, find: FindModule): UserDecorator | undefined {
  const { origin, source, file } = decorator;
  const isWrapperFunction =
    origin.kind === "function" &&
    (origin.file.functions.get(origin.name) ?? []).some((each) =>
      isNamed(each, origin.file, find, "user_step_decorator"),
    );
  const base = origin.kind === "class" ? metaflowBase(origin.source, origin.file, find) : undefined;
  const kind = isWrapperFunction || base === "UserStepDecorator" ? "wrapper" : "mutator";
  if (!isWrapperFunction && base === undefined) {
    return undefined;
  }
  const name = origin.kind === "class" ? origin.source.name : origin.kind === "function" ? origin.name : "";
  const attributes = { _args: source.positional.map(({ value }) => plainData(value)), ...writtenAttributes(decorator) };
  const home = origin.kind === "class" || origin.kind === "function" ? origin.file : file;
  return { kind, decorator: { name: `${home === main ? "__main__" : moduleName(home)}.${name}`, attributes } };
}

/** The name under which Python imports a file of the flow's folder. */
function moduleName(file: FlowFile): string {
  return (file.path.split(/[/\\]/).at(-1) ?? "").replace(/\.py$/, "");
}

function isNamed(dotted: string, file: FlowFile, find: FindModule, name: string): boolean {
  const origin = originOf(dotted, file, find);
  return origin.kind === "metaflow" && origin.name === name;
}

function metaflowBase(source: ClassSource, file: FlowFile, find: FindModule): string | undefined {
  const names = source.bases.map(({ name }) => originOf(name, file, find));
  return names
    .map((origin) => (origin.kind === "metaflow" ? origin.name : undefined))
    .find((name) => name === "UserStepDecorator" || name === "StepMutator");
}

/** `node_info` of `@step`, as plain data. */
export function nodeInfoOf(value: PythonValue): PlainData {
  return typeof value === "object" && value?.kind === "dict"
    ? Object.fromEntries(value.entries.map(([key, item]) => [keyText(key), plainData(item)]))
    : {};
}
