import type { FlowSpec, ParameterSpec, StepSpec } from "../../../src/core/metaflow/spec/flowSpec.ts";
import { Dice } from "./generateFlow.ts";

/** A spec that makes a flow, of any shape; the same for the same seed. */
export function randomSpec(seed: number): FlowSpec {
  const dice = new Dice(seed);
  const parameters = PARAMETERS.filter(() => dice.chance(0.4));
  return {
    doc: dice.pick(DOCS),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(dice.chance(0.3) ? { decorators: [dice.pick(FLOW_DECORATORS)] } : {}),
    steps: new SpecBuilder(dice).build(),
  };
}

const DOCS = [
  "Trains.",
  'Says "hello" and ends with a quote: "x"',
  "Back\\slash, ünïcode, {braces} and ''' quotes.",
  "数据.",
];

const PARAMETERS: readonly ParameterSpec[] = [
  { name: "learning-rate", type: "float", default: 1, min: 0, help: "Step size" },
  { name: "epochs", type: "integer", default: 3, min: 1, max: 10, help: "Passes" },
  { name: "limit", type: "integer", default: 3, max: 10, help: "At most" },
  { name: "optimizer", type: "string", default: "adam", choices: ["adam", 'the "other"'], help: "Which optimizer" },
  { name: "verbose", type: "boolean", default: true, help: "Says more" },
  { name: "grid", type: "json", default: [1, { a: null }], help: "Points to try" },
  { name: "options", type: "json", default: { a: [true] }, help: "Options" },
  { name: "notes", type: "file", help: "A file of notes" },
];

const FLOW_DECORATORS = [
  { name: "schedule", arguments: { daily: true } },
  { name: "project", arguments: { name: "churn" } },
  { name: "trigger_on_finish", arguments: { flow: "OtherFlow" } },
];

const STEP_DECORATORS = [
  { name: "retry", arguments: { times: 2 } },
  { name: "resources", arguments: { cpu: 1, memory: 2000 } },
  { name: "timeout", arguments: { minutes: 5 } },
  {
    name: "environment",
    arguments: { vars: { KEY: "a value that is long enough that the line cannot hold it, with more of it".repeat(2) } },
  },
];

const BODIES = [
  "self.value = 1",
  "    import math\n\n    if self.index:\n        self.value = math.pi\n    else:\n        self.value = 0",
  "for each in range(3):\n\tprint(each)",
  "from metaflow import current as here\nprint(here.step_name)",
];

/** Grows a flow from blocks that are balanced each. */
class SpecBuilder {
  readonly #dice: Dice;
  readonly #steps: StepSpec[] = [];

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  build(): StepSpec[] {
    const last = this.#sequence(this.#add("start"), this.#dice.below(4), 0);
    last.next = { kind: "to", step: "end" };
    this.#add("end");
    return this.#steps;
  }

  #sequence(from: StepSpec, blocks: number, depth: number): StepSpec {
    let last = from;
    for (let block = 0; block < blocks; block += 1) {
      const kinds = depth > 2 ? ["linear"] : ["linear", "branch", "foreach", "switch", "loop"];
      last = this.#block(last, this.#dice.pick(kinds), depth);
    }
    return last;
  }

  #block(from: StepSpec, kind: string, depth: number): StepSpec {
    // A join cannot split.
    const fork = from.join && kind !== "linear" ? this.#after(from) : from;
    switch (kind) {
      case "branch": {
        const branches = Array.from({ length: 2 + this.#dice.below(3) }, () => this.#add("branch"));
        fork.next = { kind: "branch", steps: branches.map(({ name }) => name) };
        const ends = branches.map((each) => this.#ordinary(this.#sequence(each, this.#dice.below(2), depth + 1)));
        return this.#meet(ends, this.#join());
      }
      case "foreach": {
        const each = this.#add("each");
        fork.next = { kind: "foreach", step: each.name, over: `${each.name}_items`, values: [1, "two", null] };
        return this.#meet([this.#ordinary(this.#sequence(each, this.#dice.below(2), depth + 1))], this.#join());
      }
      case "switch": {
        const ways = [this.#add("way"), this.#add("way")];
        fork.next = {
          kind: "switch",
          on: `route_${fork.name}`,
          cases: Object.fromEntries(ways.map(({ name }, index) => [`case ${index}`, name])),
          ...(this.#dice.chance(0.3) ? { choose: `"case 0" if current.run_id else "case 1"` } : {}),
        };
        return this.#meet(ways, this.#add("work"));
      }
      case "loop": {
        const loop = this.#after(fork);
        const onward = this.#add("work");
        loop.next = { kind: "switch", on: `go_${loop.name}`, cases: { again: loop.name, 'on "ward"': onward.name } };
        return onward;
      }
      default:
        return this.#after(from);
    }
  }

  #after(from: StepSpec): StepSpec {
    const step = this.#add("work");
    from.next = { kind: "to", step: step.name };
    return step;
  }

  /** A join that ends a branch is followed by an ordinary step, since joins of joins have other rules. */
  #ordinary(step: StepSpec): StepSpec {
    return step.join ? this.#after(step) : step;
  }

  #meet(ends: readonly StepSpec[], at: StepSpec): StepSpec {
    ends.forEach((each) => (each.next = { kind: "to", step: at.name }));
    return at;
  }

  #join(): StepSpec {
    const step = this.#add("join");
    step.join = this.#dice.chance(0.4) ? { collect: ["value"] } : {};
    return step;
  }

  #add(kind: string): StepSpec {
    const isEnd = kind === "start" || kind === "end";
    const step: StepSpec = {
      name: isEnd ? kind : `${kind}_${this.#steps.length}`,
      doc: this.#dice.pick(DOCS),
      ...(this.#dice.chance(0.3) ? { body: this.#dice.pick(BODIES) } : {}),
      ...(this.#dice.chance(0.3) ? { decorators: [this.#dice.pick(STEP_DECORATORS)] } : {}),
      ...(this.#dice.chance(0.1) ? { card: true } : {}),
    };
    this.#steps.push(step);
    return step;
  }
}
