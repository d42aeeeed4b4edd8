import { seededRandom } from "../seededRandom.ts";
import type { FlowModel, ImportStyle, Next, StepModel } from "./flowModel.ts";

/** Choices that are the same for the same seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) {
      throw new Error("There is nothing to pick from.");
    }
    return item;
  }
}

/** A valid flow with any of the constructs, its size and shape drawn with the seed. */
export function generateFlow(seed: number): FlowModel {
  const dice = new Dice(seed);
  const builder = new ShapeBuilder(dice);
  const steps = dice.chance(0.04) ? [singleStep(dice)] : builder.build();
  const model: FlowModel = {
    className: `Flow${seed}`,
    steps,
    members: dice.chance(0.5) ? pickSome(dice, MEMBERS) : [],
    classDecorators: dice.chance(0.3) ? [dice.pick(CLASS_DECORATORS)] : [],
    imports: dice.pick<ImportStyle>(["names", "names", "names", "aliases", "module", "moduleAlias", "star"]),
    inherited: dice.chance(0.2)
      ? { count: dice.below(steps.length), isOwnFile: dice.chance(0.5) }
      : { count: 0, isOwnFile: false },
    aliases: [],
    layout: {
      indent: dice.pick(["    ", "    ", "  ", "\t"]),
      lineEnd: dice.chance(0.15) ? "\r\n" : "\n",
      hasMark: dice.chance(0.05),
    },
  };
  if (steps.length > 2 && dice.chance(0.15)) {
    renameEnds(model, dice);
  }
  if (dice.chance(0.08)) {
    useAlias(model);
  }
  return model;
}

const MEMBERS = [
  `alpha = Parameter("alpha", default=0.01, type=float, help="rate")`,
  `count = Parameter("count", default=3)`,
  `name_ = Parameter("name-", default="x", required=False)`,
  `grid = Parameter("grid", type=str, default='[1, 2]')`,
  `cfg = Config("cfg", default_value={"kind": "a", "size": 3})`,
  `LIMIT = 17`,
  `def helper(self, values):\n\t\treturn [value for value in values]`,
];

const CLASS_DECORATORS = [`project(name="corpus")`, "schedule(daily=True)", `schedule(cron="0 0 * * ? *")`, "schedule"];

const STEP_DECORATORS = [
  "retry",
  "retry()",
  "retry(times=4, minutes_between_retries=1)",
  `catch(var="failure")`,
  `catch(var='failure', print_exception=False)`,
  "timeout(hours=2)",
  "timeout(seconds=60 * 5)",
  "resources(cpu=2, memory=MEMORY)",
  "resources(cpu=2, memory=2 ** 13, gpu=1)",
  "resources(memory=-(-4096))",
  `card`,
  `card(type="blank", options={"a": [1, 2.5, None], "b": {"c": True}})`,
  `card(type="default", id="main", timeout=4 + 5)`,
  `environment(vars={"A": "1", "B": "x" "y"})`,
  "secrets(sources=['one', \"two\"])",
];

const DOCS = [
  `"""One line."""`,
  `"""First line.\n\nMore of it,\n    with an indented line.\n"""`,
  `"""\nBegins below.\n  Deeper.\n"""`,
  `'''single "quotes" and \\t escape'''`,
  `r"raw \\d"`,
  `"two " "parts"`,
];

const BODIES = [
  "self.value = 1",
  `print("working", self.index)`,
  "for item in range(3):\n\tself.total = item",
  "if self.value:\n\tself.other = 2\nelse:\n\tself.other = 3",
  `text = """\nnot a step:\n  self.next(self.nowhere)\n"""`,
  "def inner(self):\n\tself.next(self.nothing)",
  "try:\n\timport json\nexcept ImportError:\n\tjson = None",
  "with open(__file__) as file:\n\tself.size = len(file.read())",
  "self.a = 1; self.b = 2",
  "# self.next(self.comment)",
  "self.kinds = {key: 1 for key in 'ab'}",
  "assert True, (\n\t'long'\n)",
];

function pickSome(dice: Dice, items: readonly string[]): string[] {
  return items.filter(() => dice.chance(0.4));
}

function singleStep(dice: Dice): StepModel {
  const mark = dice.pick(["step", "step()", "step(start=True, end=True)", "step(start=True)"]);
  return { ...plainStep(dice, dice.pick(["start", "only", "end"])), mark };
}

function plainStep(dice: Dice, name: string): StepModel {
  return {
    name,
    parameters: dice.pick(["self", "self", "self", "self, *, quiet=False", "self, **options", "self, *rest"]),
    decorators: distinct(
      dice.chance(0.4) ? [dice.pick(STEP_DECORATORS), ...(dice.chance(0.3) ? [dice.pick(STEP_DECORATORS)] : [])] : [],
    ),
    mark: dice.pick(["step", "step", "step", "step()", `step(node_info={"team": "ml", "size": 3})`]),
    ...(dice.chance(0.3) ? { doc: dice.pick(DOCS) } : {}),
    body: dice.chance(0.6) ? [dice.pick(BODIES)] : [],
    next: { kind: "none" },
  };
}

/** Metaflow refuses most decorators twice on one step. */
function distinct(decorators: readonly string[]): string[] {
  const names = decorators.map((each) => /^\w+/.exec(each)?.[0]);
  return decorators.filter((_, index) => names.indexOf(names[index]) === index);
}

/** Grows a flow from blocks that are balanced each; a block is entered at its first step and left from its last. */
class ShapeBuilder {
  readonly #dice: Dice;
  readonly #steps: StepModel[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  build(): StepModel[] {
    const start = this.#add("start");
    const last = this.#sequence(start, this.#dice.below(4), 0);
    const end = this.#add("end");
    this.#lead(last, [end]);
    const [first, ...rest] = this.#steps;
    // The order in the file does not matter.
    return first && this.#dice.chance(0.3) ? [first, ...rest.toReversed()] : this.#steps;
  }

  /** Adds blocks behind a step and gives the last step, which leads nowhere yet. */
  #sequence(from: StepModel, blocks: number, depth: number): StepModel {
    let last = from;
    for (let block = 0; block < blocks; block += 1) {
      last = this.#block(last, depth);
    }
    return last;
  }

  #block(from: StepModel, depth: number): StepModel {
    const kinds = depth > 2 ? ["linear"] : ["linear", "linear", "split", "foreach", "parallel", "switch", "loop"];
    switch (this.#dice.pick(kinds)) {
      case "split":
        return this.#split(from, depth);
      case "foreach":
        return this.#foreach(from, depth);
      case "parallel":
        return this.#parallel(from);
      case "switch":
        return this.#switch(from, depth);
      case "loop":
        return this.#loop(from);
      default: {
        const step = this.#add("work");
        this.#lead(from, [step]);
        return step;
      }
    }
  }

  #split(from: StepModel, depth: number): StepModel {
    // A join cannot split.
    const fork = this.#ordinary(from);
    const branches = Array.from({ length: 2 + this.#dice.below(3) }, () => this.#add("branch"));
    this.#lead(fork, branches);
    const ends = branches.map((branch) => this.#sequence(branch, this.#dice.below(2), depth + 1));
    const join = this.#add("join", "self, inputs");
    ends.forEach((each) => this.#lead(each, [join]));
    return this.#ordinary(join);
  }

  #foreach(from: StepModel, depth: number): StepModel {
    const fork = this.#ordinary(from);
    const body = this.#add("each");
    const artifact = this.#dice.pick([`"items"`, `'items'`, `"it" "ems"`, "NAME", `f"items"`, `("items")`]);
    fork.next = { kind: "foreach", targets: [body.name], artifact };
    const last = this.#sequence(body, this.#dice.below(3), depth + 1);
    const join = this.#add("join", this.#dice.pick(["self, inputs", "self, inputs=None", "self, inputs: list"]));
    this.#lead(last, [join]);
    return this.#ordinary(join);
  }

  #parallel(from: StepModel): StepModel {
    const fork = this.#ordinary(from);
    const body = this.#add("node");
    body.decorators = [this.#dice.pick(["parallel", "pytorch_parallel"])];
    fork.next = { kind: "parallel", targets: [body.name], count: this.#dice.pick(["2", "4", "COUNT", "0x10"]) };
    const join = this.#add("gather", "self, inputs");
    this.#lead(body, [join]);
    return this.#ordinary(join);
  }

  #switch(from: StepModel, depth: number): StepModel {
    const fork = this.#ordinary(from);
    const keys = this.#dice.pick(KEYS);
    const cases = keys.map((key): [string, StepModel] => [key, this.#add("case")]);
    fork.next = {
      kind: "switch",
      cases: cases.map(([key, step]) => [key, step.name]),
      condition: this.#dice.pick([`"route"`, `'route'`, `("ro" "ute")`]),
    };
    const last = cases.map(([, step]) => this.#sequence(step, this.#dice.below(2), depth + 2));
    const meet = this.#add("meet");
    last.forEach((each) => this.#lead(each, [meet]));
    return meet;
  }

  #loop(from: StepModel): StepModel {
    const loop = this.#add("again");
    this.#lead(from, [loop]);
    const after = this.#add("after");
    const cases: [string, string][] = [
      [`"again"`, loop.name],
      [`"done"`, after.name],
    ];
    loop.next = { kind: "switch", cases: this.#dice.chance(0.5) ? cases : cases.toReversed(), condition: `"route"` };
    return after;
  }

  /** The step itself where it takes one argument, else an ordinary one behind it. */
  #ordinary(step: StepModel): StepModel {
    if (!step.parameters.startsWith("self, inputs")) {
      return step;
    }
    const behind = this.#add("work");
    this.#lead(step, [behind]);
    return behind;
  }

  #lead(from: StepModel, to: readonly StepModel[]): void {
    from.next = { kind: "targets", targets: to.map(({ name }) => name) };
    const [only] = to;
    if (to.length === 1 && only && this.#dice.chance(0.2)) {
      from.next = { kind: "raw", text: this.#dice.pick(SPELLINGS).replaceAll("TARGET", only.name) };
    }
  }

  #add(kind: string, parameters?: string): StepModel {
    const isEnd = kind === "start" || kind === "end";
    const step = plainStep(this.#dice, isEnd ? kind : `${kind}_${this.#steps.length}`);
    if (parameters !== undefined) {
      step.parameters = parameters;
    }
    this.#steps.push(step);
    return step;
  }
}

const KEYS = [
  [`"a"`, `"b"`],
  [`"a"`, `'b'`, `"c" "d"`],
  ["1", "2"],
  ["1.5", `"x"`],
  ["True", "False"],
  ["0x10", "1_000", `r"\\d"`],
  ["self.cfg.kind", "self.cfg.size"],
];

/** Ways to write a transition to one step that Metaflow reads alike. */
const SPELLINGS = [
  "self.next(self.TARGET)  # on",
  "self.next(\n\tself.TARGET,\n)",
  "(self.next(self.TARGET))",
  "self.done = True; self.next(self.TARGET)",
  "self.next(self.TARGET)\n# behind it",
  "self.next((self.TARGET))",
  "self.next(self.steps.TARGET)",
  "self . next ( self . TARGET )",
  "self.next(other.TARGET)",
  "self.next(self.TARGET);",
];

/** Other names for the ends, with the marks that say which they are. */
function renameEnds(model: FlowModel, dice: Dice): void {
  const renamed = new Map([
    ["start", dice.chance(0.7) ? "begin" : "start"],
    ["end", dice.chance(0.7) ? "finish" : "end"],
  ]);
  for (const step of model.steps) {
    const kind = step.name;
    step.name = renamed.get(kind) ?? kind;
    if (renamed.has(kind)) {
      step.mark = `step(${kind}=True)`;
    }
    step.next = renameTargets(step.next, renamed);
  }
}

function renameTargets(next: Next, names: ReadonlyMap<string, string>): Next {
  const renamed = (name: string) => names.get(name) ?? name;
  switch (next.kind) {
    case "targets":
    case "foreach":
    case "parallel":
      return { ...next, targets: next.targets.map(renamed) };
    case "switch":
      return { ...next, cases: next.cases.map(([key, target]) => [key, renamed(target)]) };
    case "raw":
      return { ...next, text: next.text.replace(/\b(start|end)\b/g, (name) => renamed(name)) };
    case "none":
      break;
  }
  return next;
}

/** Gives a step a second name, and lets a switch in front of it choose between the two. */
function useAlias(model: FlowModel): void {
  const own = model.steps.slice(model.inherited.count);
  for (const work of own.filter(({ name }) => name.startsWith("work_"))) {
    const callers = model.steps.filter(({ next }) => JSON.stringify(next).includes(`${work.name}"`));
    const [caller] = callers;
    const isOnly = callers.length === 1 && caller?.next.kind === "targets" && caller.next.targets.length === 1;
    if (caller && isOnly && !caller.parameters.startsWith("self, inputs")) {
      const twin = `${work.name}_twin`;
      const cases: [string, string][] = [
        [`"one"`, work.name],
        [`"two"`, twin],
      ];
      caller.next = { kind: "switch", cases, condition: `"route"` };
      model.aliases.push({ name: twin, of: work.name });
      return;
    }
  }
}
