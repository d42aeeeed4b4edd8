import { type FlowModel, type Next, nextText, type StepModel } from "./flowModel.ts";
import { Dice, generateFlow } from "./generateFlow.ts";

/** A valid flow with one mistake in it, and the name of the mistake. */
export function breakFlow(seed: number): { model: FlowModel; mistake: string } {
  // A mutation may find nothing to change in a flow; the next flow is tried then.
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const model = generateFlow(seed + attempt * 100_003);
    model.className = `Flow${seed}`;
    const dice = new Dice(seed * 31 + attempt);
    const mistake = dice.pick(model.steps.length > 1 ? Object.keys(MUTATIONS) : FOR_ONE_STEP);
    if (MUTATIONS[mistake]?.(model, dice) === true) {
      return { model, mistake };
    }
  }
  throw new Error(`No flow could be broken with seed ${seed}.`);
}

type Mutation = (model: FlowModel, dice: Dice) => boolean;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "unknown step": (model, dice) => withTargets(model, dice, (step) => setTarget(step, 0, "nowhere")),
  "another step": (model, dice) =>
    withTargets(model, dice, (step) => setTarget(step, dice.below(4), dice.pick(model.steps).name)),
  "no transition": (model, dice) => change(inner(model), dice, (step) => setNext(step, { kind: "none" })),
  "transition in a condition": (model, dice) =>
    withTargets(model, dice, (step) =>
      wrap(step, dice.pick(["if self.ok:", "with open('f'):", "while True:", "for i in x:"])),
    ),
  "code behind the transition": (model, dice) =>
    withTargets(model, dice, (step) =>
      raw(step, (text) => `${text}\n${dice.pick(["pass", "print(1)", "return", "self.x = 1"])}`),
    ),
  "unreadable transition": (model, dice) =>
    withTargets(model, dice, (step) => {
      const target = dice.pick(model.steps).name;
      return setNext(step, { kind: "raw", text: dice.pick(UNREADABLE).replaceAll("TARGET", target) });
    }),
  "other caller": (model, dice) =>
    withTargets(model, dice, (step) =>
      raw(step, (text) =>
        text.replace(/self\s*\.\s*next/, dice.pick(["this.next", "next", "self.goto", "self.x.next"])),
      ),
    ),
  "two targets": (model, dice) =>
    withTargets(
      model,
      dice,
      (step) =>
        step.next.kind !== "raw" && "targets" in step.next && step.next.targets.push(dice.pick(model.steps).name) > 0,
    ),
  "target twice": (model, dice) =>
    withTargets(
      model,
      dice,
      (step) => step.next.kind === "targets" && step.next.targets.push(step.next.targets[0] ?? "") > 0,
    ),
  "fewer targets": (model, dice) =>
    withTargets(model, dice, (step) => {
      if (step.next.kind === "switch") {
        return step.next.cases.pop() !== undefined;
      }
      return step.next.kind === "targets" && step.next.targets.length > 1 && step.next.targets.pop() !== undefined;
    }),
  "inputs missing": (model, dice) => change(model.steps.filter(isJoin), dice, (step) => setParameters(step, "self")),
  "inputs too many": (model, dice) =>
    change(
      model.steps.filter((step) => !isJoin(step)),
      dice,
      (step) => setParameters(step, "self, inputs"),
    ),
  "arguments too many": (model, dice) => change(model.steps, dice, (step) => setParameters(step, "self, inputs, more")),
  "no self": (model, dice) =>
    change(model.steps, dice, (step) => setParameters(step, dice.pick(["", "*args", "self, /", "*, key=1"]))),
  "reserved name": (model, dice) => rename(model, dice, dice.pick(["name", "input", "index", "cmd"])),
  "odd name": (model, dice) => rename(model, dice, dice.pick(["Work", "_work", "wörk", "__work", "workX2"])),
  "no start": (model, dice) => renameEnd(model, "start", dice),
  "no end": (model, dice) => renameEnd(model, "end", dice),
  "second mark": (model, dice) =>
    change(model.steps, dice, (step) => setMark(step, dice.pick(["step(start=True)", "step(end=True)"]))),
  "two marks": (model, dice) => {
    const mark = dice.pick(["step(start=True)", "step(end=True)"]);
    return (
      change(model.steps, dice, (step) => setMark(step, mark)) &&
      change(model.steps, dice, (step) => setMark(step, mark))
    );
  },
  "end leads on": (model, dice) =>
    change(
      model.steps.filter(({ next }) => next.kind === "none"),
      dice,
      (step) =>
        setNext(
          step,
          dice.chance(0.7)
            ? { kind: "targets", targets: [dice.pick(model.steps).name] }
            : { kind: "raw", text: "self.next()" },
        ),
    ),
  "step taken away": (model, dice) => {
    const step = dice.pick(inner(model));
    model.steps = model.steps.filter((each) => each !== step);
    model.inherited.count = Math.min(model.inherited.count, model.steps.length);
    return model.steps.length > 1;
  },
  "parallel taken away": (model, dice) =>
    change(
      model.steps.filter(({ decorators }) => decorators.some((each) => /parallel/.test(each))),
      dice,
      (step) => {
        step.decorators = [];
        return true;
      },
    ),
  "parallel added": (model, dice) =>
    change(model.steps, dice, (step) => {
      step.decorators = ["parallel"];
      return true;
    }),
  "foreach instead": (model, dice) =>
    withTargets(
      model,
      dice,
      (step) =>
        step.next.kind === "targets" &&
        setNext(step, { kind: "foreach", targets: step.next.targets, artifact: `"items"` }),
    ),
  "no foreach": (model, dice) =>
    change(
      model.steps.filter(({ next }) => next.kind === "foreach" || next.kind === "parallel"),
      dice,
      (step) => setNext(step, { kind: "targets", targets: "targets" in step.next ? step.next.targets : [] }),
    ),
  "switch instead": (model, dice) =>
    withTargets(
      model,
      dice,
      (step) =>
        step.next.kind === "targets" &&
        step.next.targets.length > 1 &&
        setNext(step, {
          kind: "switch",
          cases: step.next.targets.map((target, index) => [`"${index}"`, target]),
          condition: `"route"`,
        }),
    ),
  "split instead": (model, dice) =>
    change(
      model.steps.filter(({ next }) => next.kind === "switch"),
      dice,
      (step) =>
        setNext(step, {
          kind: "targets",
          targets: step.next.kind === "switch" ? step.next.cases.map(([, target]) => target) : [],
        }),
    ),
  "equal keys": (model, dice) =>
    change(
      model.steps.filter(({ next }) => next.kind === "switch"),
      dice,
      ({ next }) => {
        if (next.kind === "switch") {
          const keys = dice.pick([
            ["1", "True"],
            ["0", "False"],
            [`"a"`, `'a'`],
            ["1.0", "1"],
          ]);
          next.cases = next.cases.map(([key, target], index) => [keys[index] ?? key, target]);
        }
        return true;
      },
    ),
  "not a step": (model, dice) =>
    change(inner(model), dice, (step) => {
      step.decorators = [];
      return setMark(step, "staticmethod");
    }),
};

/** What can go wrong in a flow of one step. */
const FOR_ONE_STEP = ["end leads on", "arguments too many", "no self", "inputs too many", "parallel added"];

const UNREADABLE = [
  "self.next()",
  `self.next("TARGET")`,
  "self.next(TARGET)",
  "self.next(self.TARGET())",
  "self.next(*[self.TARGET])",
  "self.next(getattr(self, 'TARGET'))",
  "self.next(self.TARGET, foreeach='x')",
  "self.next(self.TARGET, foreach='x', num_parallel=2)",
  "self.next(self.TARGET, **{})",
  "self.next(self.TARGET, condition='x')",
  `self.next({"a": self.TARGET, "b": self.TARGET})`,
  `self.next({KEY: self.TARGET, "b": self.TARGET}, condition="x")`,
  `self.next({-1: self.TARGET, "b": self.TARGET}, condition="x")`,
  `self.next({None: self.TARGET, "b": self.TARGET}, condition="x")`,
  `self.next({f"a": self.TARGET, "b": self.TARGET}, condition="x")`,
  `self.next({"a": TARGET, "b": self.TARGET}, condition="x")`,
  `self.next({"a": self.TARGET, **more}, condition="x")`,
  `self.next({"a": self.TARGET, "b": self.TARGET}, condition=self.x)`,
  `self.next({"a": self.TARGET, "b": self.TARGET}, condition="")`,
  `self.next({self.cfg.a.b: self.TARGET}, condition="x")`,
  `self.next({"a": self.TARGET, "b": self.x.TARGET}, condition="x")`,
  `self.next({}, condition="x")`,
  `self.next({k: self.TARGET for k in "ab"}, condition="x")`,
  "yield self.next(self.TARGET)",
  "x = self.next(self.TARGET)",
  "self.next(self.TARGET), 1",
  "return self.next(self.TARGET)",
  "self.next(self.TARGET) if self.ok else None",
];

function inner({ steps }: FlowModel): StepModel[] {
  return steps.filter(({ next }) => next.kind !== "none");
}

function isJoin({ parameters }: StepModel): boolean {
  return parameters.startsWith("self, inputs");
}

function change(steps: readonly StepModel[], dice: Dice, apply: (step: StepModel) => boolean): boolean {
  return steps.length > 0 && apply(dice.pick(steps));
}

function withTargets(model: FlowModel, dice: Dice, apply: (step: StepModel) => boolean): boolean {
  return change(inner(model), dice, apply);
}

function setNext(step: StepModel, next: Next): boolean {
  step.next = next;
  return true;
}

function setParameters(step: StepModel, parameters: string): boolean {
  step.parameters = parameters;
  return true;
}

function setMark(step: StepModel, mark: string): boolean {
  step.mark = mark;
  return true;
}

function setTarget(step: StepModel, index: number, target: string): boolean {
  const { next } = step;
  if (next.kind === "switch") {
    const chosen = next.cases[index % next.cases.length];
    return chosen !== undefined && (chosen[1] = target) === target;
  }
  if (next.kind === "raw") {
    return setNext(step, { kind: "targets", targets: [target] });
  }
  return next.kind !== "none" && (next.targets[index % next.targets.length] = target) === target;
}

function raw(step: StepModel, edit: (text: string) => string): boolean {
  const text = nextText(step.next);
  return text !== undefined && setNext(step, { kind: "raw", text: edit(text) });
}

function wrap(step: StepModel, header: string): boolean {
  const text = nextText(step.next);
  return text !== undefined && setNext(step, { kind: "raw", text: `${header}\n\t${text.replaceAll("\n", "\n\t")}` });
}

function rename(model: FlowModel, dice: Dice, name: string): boolean {
  const step = dice.pick(inner(model));
  const was = step.name;
  const text = JSON.stringify(model.steps).replaceAll(new RegExp(`(?<![\\w])${was}(?![\\w])`, "g"), name);
  model.steps = JSON.parse(text);
  return model.aliases.length === 0;
}

function renameEnd(model: FlowModel, name: string, dice: Dice): boolean {
  const step = model.steps.find((each) => each.name === name && each.mark.startsWith("step"));
  if (!step || model.steps.length === 1) {
    return false;
  }
  step.mark = "step";
  step.name = dice.pick(["begin", "stop", "first"]);
  return true;
}
