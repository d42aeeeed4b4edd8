import type { TextRange } from "../../base/problems.ts";
import { callsClass } from "./callsClass.ts";
import type { CallSource, ClassSource, DecoratorSource, FlowFile, FunctionSource, Member } from "./flowSource.ts";
import { isWhole } from "./isWhole.ts";
import { classesByName, type FindModule, type Origin, originOf } from "./origin.ts";
import type { PythonValue } from "./pythonValue.ts";

/** A class with what it inherits, as far as the files tell. */
export type Flow = {
  name: string;
  file: FlowFile;
  source: ClassSource;
  /** Attributes after inheritance, in the order of Python's `dir`. */
  attributes: ReadonlyMap<string, Attribute>;
  /** Those attributes that are steps. */
  steps: readonly StepSource[];
  /** The flow's own decorators and inherited ones. */
  decorators: readonly ResolvedDecorator[];
  /** It descends from `FlowSpec`, as far as that is known. One that does not and is run by its file was meant to. */
  isFlowSpec: boolean;
  /** All base classes were found; otherwise there may be more steps than these. */
  isComplete: boolean;
};

export type Attribute = { file: FlowFile; owner: ClassSource; member: Member };

export type StepSource = {
  /** The attribute's name, which an alias may make another than the function's. */
  name: string;
  file: FlowFile;
  owner: ClassSource;
  source: FunctionSource;
  isStart: boolean;
  isEnd: boolean;
  nodeInfo: PythonValue;
  /** As written, from the outside, `@step` included. */
  decorators: readonly ResolvedDecorator[];
};

export type ResolvedDecorator = { origin: Origin; source: DecoratorSource; file: FlowFile };

/** The flows of a file: its classes that descend from `FlowSpec`. */
export function flowsIn(file: FlowFile, find: FindModule): Flow[] {
  const lineages = new Lineages(find);
  return file.classes
    .filter((source) => classesByName(file.classes).get(source.name) === source)
    .flatMap((source) => linkFlow({ file, source }, lineages, find) ?? []);
}

type ClassReference = { file: FlowFile; source: ClassSource };

function linkFlow({ file, source }: ClassReference, lineages: Lineages, find: FindModule): Flow | undefined {
  const lineage = lineages.of({ file, source });
  const attributes = new Map<string, Attribute>();
  for (const { file: from, source: owner } of lineage.classes) {
    for (const [name, member] of owner.members) {
      if (!attributes.has(name)) {
        attributes.set(name, resolveAlias({ file: from, owner, member }, lineages, find));
      }
    }
  }
  const sorted = new Map([...attributes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const steps = [...sorted].flatMap(([name, attribute]) => stepOf(name, attribute, find) ?? []);
  // A class of unknown descent is a flow when it has steps, and so is one that the file calls and that leads from a start to
  // an end; others are added to flows.
  const isMeant = lineage.hasUnknownBase ? steps.length > 0 : isWhole(steps) && callsClass(file, source.name);
  if (!lineage.isFlow && !isMeant) {
    return undefined;
  }
  const decorators = lineage.classes.flatMap(({ file: from, source: owner }) =>
    owner.decorators.map((each) => resolveDecorator(each, from, find)),
  );
  return {
    name: source.name,
    file,
    source,
    attributes: sorted,
    steps,
    decorators,
    isFlowSpec: lineage.isFlow,
    isComplete: !lineage.hasUnknownBase,
  };
}

type Lineage = { classes: readonly ClassReference[]; isFlow: boolean; hasUnknownBase: boolean };

/** A class that inherits from itself, which Python refuses, ends there. */
const NO_LINEAGE: Lineage = { classes: [], isFlow: false, hasUnknownBase: false };

/** Nobody writes a class with more ancestors; what lies beyond is as unknown as a module that was not found. */
const MAX_ANCESTORS = 200;

/** What classes descend from. A base class is followed once, however many descend from it. */
class Lineages {
  readonly #find: FindModule;
  readonly #known = new Map<ClassSource, Lineage>();

  constructor(find: FindModule) {
    this.#find = find;
  }

  of(reference: ClassReference, depth = 0): Lineage {
    const known = this.#known.get(reference.source);
    if (known) {
      return known;
    }
    if (depth > MAX_ANCESTORS) {
      return { classes: [reference], isFlow: false, hasUnknownBase: true };
    }
    this.#known.set(reference.source, NO_LINEAGE);
    const parents: ClassReference[] = [];
    let isFlow = false;
    let hasUnknownBase = false;
    for (const { name } of reference.source.bases) {
      // A class may shadow what it inherits from: `class Flow(Flow)`.
      const origin = baseOrigin(name, reference, this.#find);
      if (origin.kind === "class") {
        parents.push({ file: origin.file, source: origin.source });
      } else if (origin.kind === "metaflow" && origin.name === "FlowSpec") {
        isFlow = true;
      } else if (name !== "object" && name !== "ABC" && name !== "abc.ABC") {
        hasUnknownBase = true;
      }
    }
    const bases = parents.map((parent) => this.of(parent, depth + 1));
    const ancestors = mergeLineages([...bases.map(({ classes }) => classes), parents]);
    const lineage = {
      classes: [reference, ...ancestors.slice(0, MAX_ANCESTORS)],
      isFlow: isFlow || bases.some((base) => base.isFlow),
      hasUnknownBase: hasUnknownBase || ancestors.length > MAX_ANCESTORS || bases.some((base) => base.hasUnknownBase),
    };
    this.#known.set(reference.source, lineage);
    return lineage;
  }
}

function baseOrigin(name: string, { file, source }: ClassReference, find: FindModule): Origin {
  const origin = originOf(name, file, find);
  if (origin.kind !== "class" || origin.source !== source) {
    return origin;
  }
  const classes = file.classes.filter((each) => each !== source);
  const shadowed = originOf(name, { ...file, classes }, find);
  return shadowed.kind === "class" && shadowed.file.path === file.path ? { ...shadowed, file } : shadowed;
}

/** Python's C3 order; where there is none, Python refuses the class and the order of the bases serves. */
function mergeLineages(lists: readonly (readonly ClassReference[])[]): ClassReference[] {
  const result: ClassReference[] = [];
  const taken = new Set<ClassSource>();
  // How many lists have a class behind their first one that is not taken yet: it has to wait for those before it.
  const waits = new Map<ClassSource, number>();
  const change = ({ source }: ClassReference, by: number) => waits.set(source, (waits.get(source) ?? 0) + by);
  lists.forEach((list) => list.slice(1).forEach((reference) => change(reference, 1)));
  const rest = lists.filter((list) => list.length > 0).map((list) => ({ list, at: 0 }));
  while (true) {
    const heads = rest.flatMap(({ list, at }) => list[at] ?? []);
    const next = heads.find(({ source }) => (waits.get(source) ?? 0) <= 0) ?? heads[0];
    if (!next) {
      return result;
    }
    result.push(next);
    taken.add(next.source);
    for (const each of rest) {
      for (let head = each.list[each.at]; head && taken.has(head.source); head = each.list[each.at]) {
        each.at += 1;
        const first = each.list[each.at];
        if (first) {
          change(first, -1);
        }
      }
    }
  }
}

// An alias of an alias of an alias is written by nobody; a circle of them by a fuzzer.
const MAX_ALIASES = 8;

/** `b = Other.a` gives what `a` is there. */
function resolveAlias(attribute: Attribute, lineages: Lineages, find: FindModule, hops = 0): Attribute {
  const { file, member } = attribute;
  const dot = member.kind === "alias" ? member.target.lastIndexOf(".") : -1;
  if (member.kind !== "alias" || dot === -1 || hops > MAX_ALIASES) {
    return attribute;
  }
  const origin = originOf(member.target.slice(0, dot), file, find);
  const found =
    origin.kind === "class" ? memberOf(member.target.slice(dot + 1), lineages.of(origin).classes) : undefined;
  return found ? resolveAlias(found, lineages, find, hops + 1) : attribute;
}

function memberOf(name: string, classes: readonly ClassReference[]): Attribute | undefined {
  for (const { file, source } of classes) {
    const member = source.members.get(name);
    if (member) {
      return { file, owner: source, member };
    }
  }
  return undefined;
}

function stepOf(name: string, { file, owner, member }: Attribute, find: FindModule): StepSource | undefined {
  if (member.kind !== "function") {
    return undefined;
  }
  const decorators = member.source.decorators.map((source) => resolveDecorator(source, file, find));
  const mark = decorators.findLast(({ origin }) => isStepMark(origin));
  if (!mark) {
    return undefined;
  }
  const flag = (keyword: string) => mark.source.keywords.get(keyword)?.value === true;
  return {
    name,
    file,
    owner,
    source: member.source,
    isStart: flag("start"),
    isEnd: flag("end"),
    nodeInfo: mark.source.keywords.get("node_info")?.value ?? { kind: "dict", entries: [] },
    decorators,
  };
}

export function isStepMark(origin: Origin): boolean {
  return origin.kind === "metaflow" && origin.name === "step";
}

function resolveDecorator(source: DecoratorSource, file: FlowFile, find: FindModule): ResolvedDecorator {
  return { origin: originOf(source.callee, file, find), source, file };
}

/** The class attributes that call one of `names` of Metaflow: `Parameter`, `Config`, `IncludeFile`. */
export function declarationsOf(
  flow: Flow,
  names: readonly string[],
  find: FindModule,
): { attribute: string; kind: string; call: CallSource; file: FlowFile; range: TextRange }[] {
  return [...flow.attributes].flatMap(([attribute, { file, member }]) => {
    const origin = member.kind === "call" ? originOf(member.call.callee, file, find) : undefined;
    return member.kind === "call" && origin?.kind === "metaflow" && names.includes(origin.name)
      ? [{ attribute, kind: origin.name, call: member.call, file, range: member.call.range }]
      : [];
  });
}
