import { moduleOfFile } from "../../base/pythonModule.ts";
import { nearestFlag } from "../argumentVector.ts";
import { isWindowsPath } from "../commandLine.ts";
import { changeArguments, fileName, type SplitCommand, splitCommand } from "../editedPlan.ts";
import { resumeFlowCommand } from "../flowResume.ts";
import { isPythonProgram } from "../interpreterChoice.ts";
import type { LaunchPlan } from "../launchPlan.ts";
import { renderPlanCommand } from "../renderPlan.ts";
import type { ScriptArguments } from "../scriptArguments.ts";
import { ArgumentEditor, type CommandChange } from "./argumentEdits.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { isFragmented, namesPlace, packageOfText } from "./failureAdvice.ts";
import type { FailureCause } from "./failureCause.ts";
import { holderOfGpu } from "./gpuAdvice.ts";

/** A checkpoint that is whole, to go on from. */
export type ResumePoint = { path: string; epoch?: number | undefined; step?: number | undefined };

/** What would probably make a failed run succeed, as a difference of commands that a person can read and agree to. */
export type Fix =
  | { kind: "rerun"; label: string; changes: readonly CommandChange[]; plan: LaunchPlan }
  /** Installs the missing package; then the plan as it was may start again. */
  | { kind: "install"; label: string; command: readonly string[]; plan: LaunchPlan };

export type FixFacts = {
  diagnosis: Diagnosis;
  plan: LaunchPlan;
  /** What the script declares; without it only arguments that were given can be changed. */
  script: ScriptArguments;
  resumeFrom?: ResumePoint | undefined;
  /** Metaflow's own id of the run of a flow; without it Metaflow would resume another run. */
  flowRunId?: string | undefined;
  /** Where Python has to look for a module of the workspace that it did not find. */
  moduleFolder?: string | undefined;
  /** The Python of the workspace that has what the one of the run lacks. */
  otherPython?: string | undefined;
};

/** Undefined where no change of the command can be known to help. */
export function proposeFix(facts: FixFacts): Fix | undefined {
  const { plan, diagnosis } = facts;
  const text = diagnosis.evidence[0]?.text ?? "";
  if (diagnosis.cause === "missing-package") {
    return proposeInstall(plan, text);
  }
  if (diagnosis.cause === "other-environment") {
    return proposePython(plan, facts.otherPython);
  }
  const split = splitCommand(plan);
  const recipe = RECIPES[diagnosis.cause];
  if (split === undefined || recipe === undefined) {
    return undefined;
  }
  const draft = new FixDraft(split, facts, text);
  return recipe(draft) ? draft.finish() : undefined;
}

function proposeInstall(plan: LaunchPlan, text: string): Fix | undefined {
  const name = packageOfText(text);
  // What is installed runs code of its own, so only a name of an index gets a button, with its extras or a limit of its version.
  if (
    name === undefined ||
    !/^[A-Za-z][\w.-]*(?:\[[\w.,-]+\])?(?:<\d+)?$/.test(name) ||
    !isPythonProgram(plan.interpreter.path)
  ) {
    return undefined;
  }
  const command = [plan.interpreter.path, "-m", "pip", "install", name];
  return { kind: "install", label: `Install ${name}`, command, plan };
}

/** Undefined where a launcher or a shell stands in front, which takes its Python from elsewhere. */
function proposePython(plan: LaunchPlan, python: string | undefined): Fix | undefined {
  const [program = "", ...words] = plan.command;
  if (python === undefined || !isPythonProgram(program)) {
    return undefined;
  }
  const changed = { ...plan, command: [python, ...words] };
  const to = renderPlanCommand({ ...plan, command: [python] });
  return {
    kind: "rerun",
    label: `Retry with ${to}`,
    changes: [{ name: "Python", from: program, to }],
    plan: { ...changed, interpreter: { path: python, reason: "it has the package that was missing" } },
  };
}

/** Collects the changes of one fix. */
class FixDraft {
  readonly editor: ArgumentEditor;
  readonly text: string;
  readonly #facts: FixFacts;
  #before: readonly string[];
  readonly #environment: Record<string, string> = {};
  readonly #launcherChanges: CommandChange[] = [];
  #resumedFrom: ResumePoint | undefined;
  #isFlowResumed = false;

  constructor({ before, words }: SplitCommand, facts: FixFacts, text: string) {
    this.#before = before;
    this.#facts = facts;
    this.text = text;
    this.editor = new ArgumentEditor(words, facts.script);
  }

  get script(): ScriptArguments {
    return this.#facts.script;
  }

  /** Goes on from the newest checkpoint that is whole, where there is one and the script can. */
  resume(): boolean {
    const { resumeFrom, plan, flowRunId } = this.#facts;
    if (plan.kind === "flow") {
      this.#isFlowResumed = flowRunId !== undefined && this.editor.edited.changes.length === 0;
      return this.#isFlowResumed;
    }
    if (resumeFrom === undefined || !this.editor.set("resume", resumeFrom.path)) {
      return false;
    }
    this.#resumedFrom = resumeFrom;
    return true;
  }

  setVariable(name: string, value: string): boolean {
    if (this.#facts.plan.environment[name] === value) {
      return false;
    }
    this.#environment[name] = value;
    return true;
  }

  /** Lets Python look in one more folder. */
  searchModules(): boolean {
    const { moduleFolder, plan } = this.#facts;
    if (moduleFolder === undefined) {
      return false;
    }
    const searched = plan.environment["PYTHONPATH"];
    const separator = isWindowsPath(plan.cwd) ? ";" : ":";
    return this.setVariable("PYTHONPATH", searched ? moduleFolder + separator + searched : moduleFolder);
  }

  halve(role: "batch" | "workers"): boolean {
    const value = Number(this.editor.valueOf(role));
    const least = role === "batch" ? 2 : 1;
    return Number.isInteger(value) && value >= least && this.editor.set(role, String(Math.floor(value / 2)));
  }

  double(role: "accumulation"): boolean {
    const value = Number(this.editor.valueOf(role) ?? 1);
    return Number.isInteger(value) && value >= 1 && this.editor.set(role, String(value * 2));
  }

  /** A script by its place below the folder of the run as a module of the same name. */
  asModule(): boolean {
    const script = this.#before.at(-1) ?? "";
    const module = moduleOfFile(script);
    if (module === undefined || !module.includes(".")) {
      return false;
    }
    this.#before = [...this.#before.slice(0, -1), "-m", module];
    this.#launcherChanges.push({ name: script, to: `-m ${module}` });
    return true;
  }

  /** A port or a rendezvous that no other launch of this machine uses. */
  avoidPort(): boolean {
    const at = this.#before.findIndex((word) => /^--master[-_]port$/.test(word));
    const port = Number(this.#before[at + 1]);
    if (at !== -1 && Number.isInteger(port)) {
      this.#before = this.#before.with(at + 1, String(port + 1));
      this.#launcherChanges.push({ name: "--master-port", from: String(port), to: String(port + 1) });
      return true;
    }
    const launcher = this.#before.findIndex(
      (word) => fileName(word) === "torchrun" || word === "torch.distributed.run",
    );
    if (launcher === -1 || this.#before.includes("--standalone")) {
      return false;
    }
    this.#before = this.#before.toSpliced(launcher + 1, 0, "--standalone");
    this.#launcherChanges.push({ name: "--standalone", to: "on" });
    return true;
  }

  finish(): Fix {
    const { plan } = this.#facts;
    const { words, changes } = this.editor.edited;
    const resumed = this.#isFlowResumed ? resumeFlowCommand(plan, this.#facts.flowRunId ?? "") : undefined;
    const command = resumed ?? [...this.#before, ...words];
    const variables = Object.entries(this.#environment).map(([name, to]): CommandChange => {
      const from = plan.environment[name];
      return { name, ...(from === undefined ? {} : { from }), to };
    });
    const all = [...this.#launcherChanges, ...changes, ...variables];
    return {
      kind: "rerun",
      label: this.#label(all),
      changes: this.#isFlowResumed ? [...all, { name: "run", to: "resume" }] : all,
      plan: {
        ...plan,
        command,
        environment: { ...plan.environment, ...this.#environment },
        arguments: changeArguments(plan, changes),
      },
    };
  }

  #label(changes: readonly CommandChange[]): string {
    const point = this.#resumedFrom;
    const start = point !== undefined ? `Resume${whereOf(point)}` : this.#isFlowResumed ? "Resume the Flow" : "Retry";
    const others = summarize(changes.filter(({ to }) => to !== point?.path));
    return others.length === 0 ? start : `${start} with ${others.join(", ")}`;
  }
}

function whereOf({ epoch, step }: ResumePoint): string {
  return epoch !== undefined ? ` from Epoch ${epoch}` : step !== undefined ? ` from Step ${step}` : " from Checkpoint";
}

/** As a person says it: `batch 16 × 2` for half the batch with twice the accumulation. */
function summarize(changes: readonly CommandChange[]): string[] {
  const [batch, accumulation, ...others] = changes;
  if (batch === undefined || !/batch|^-*bs$/.test(batch.name)) {
    return changes.map(briefly);
  }
  const isAccumulated = accumulation !== undefined && /accum|update_freq/.test(accumulation.name);
  const rest = isAccumulated ? others : changes.slice(1);
  return [`batch ${batch.to}${isAccumulated ? ` × ${accumulation.to}` : ""}`, ...rest.map(briefly)];
}

/** `num-workers 2`, `CUDA_LAUNCH_BLOCKING=1`, `--standalone`. */
function briefly({ name, to }: CommandChange): string {
  if (/^[A-Z_]+$/.test(name)) {
    return `${name}=${to}`;
  }
  return to === "on" || /^--|^-m /.test(to) ? (to === "on" ? name : to) : `${name.replace(/^-+/, "")} ${to}`;
}

/** Makes the changes; false where there is nothing to change. */
type Recipe = (draft: FixDraft) => boolean;

const resume: Recipe = (draft) => draft.resume();

function withVariable(name: string, value: string): Recipe {
  return (draft) => {
    const isSet = draft.setVariable(name, value);
    return draft.resume() || isSet;
  };
}

const smallerBatch: Recipe = (draft) => {
  const hasChanged = draft.halve("batch");
  // Half the batch with twice the accumulation steps as far as before.
  if (hasChanged && draft.editor.knows("accumulation")) {
    draft.double("accumulation");
  }
  return hasChanged;
};

const fewerWorkers: Recipe = (draft) => {
  // With none at all a worker's own error is shown instead of its death.
  const isSilent = /exited unexpectedly|Segmentation fault/.test(draft.text);
  return isSilent ? draft.editor.knows("workers") && draft.editor.set("workers", "0") : draft.halve("workers");
};

/** Does the first that changes something, then resumes where that is possible. */
function firstOf(...recipes: readonly Recipe[]): Recipe {
  return (draft) => {
    const hasChanged = recipes.some((recipe) => recipe(draft));
    return hasChanged && (draft.resume() || hasChanged);
  };
}

const RATE_DIVISOR = 10;

const smallerRate: Recipe = (draft) => {
  const rate = Number(draft.editor.valueOf("rate"));
  return rate > 0 && draft.editor.set("rate", String(Number((rate / RATE_DIVISOR).toPrecision(6))));
};

const meantFlag: Recipe = (draft) => {
  const flag = /(?:unrecognized arguments: |No such option: )(--?[\w-]+)/.exec(draft.text)?.[1];
  const meant = flag === undefined ? undefined : nearestFlag(flag, draft.script);
  return flag !== undefined && meant !== undefined && draft.editor.rename(flag, meant);
};

const onCpu: Recipe = (draft) =>
  /^(?:cuda|gpu)/.test(draft.editor.valueOf("device") ?? "") && draft.editor.set("device", "cpu");

const lessGpuMemory: Recipe = firstOf(
  (draft) => isFragmented(draft.text) && draft.setVariable("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True"),
  smallerBatch,
);

const RECIPES: Readonly<Partial<Record<FailureCause, Recipe>>> = {
  // What another process holds is set free by no change of the command.
  "gpu-memory": (draft) => holderOfGpu(draft.text) === undefined && lessGpuMemory(draft),
  "host-memory": firstOf(fewerWorkers, smallerBatch),
  "data-loader-worker": firstOf(fewerWorkers),
  "shared-memory": firstOf(fewerWorkers),
  "nan-loss": firstOf(smallerRate),
  "disk-full": resume,
  "damaged-checkpoint": resume,
  "collective-timeout": withVariable("NCCL_DEBUG", "INFO"),
  "collective-error": (draft) => !/gloo|mismatch/i.test(draft.text) && withVariable("NCCL_DEBUG", "INFO")(draft),
  "device-assert": withVariable("CUDA_LAUNCH_BLOCKING", "1"),
  "gpu-fault": withVariable("CUDA_LAUNCH_BLOCKING", "1"),
  "native-crash": (draft) => (namesPlace(draft.text) ? draft.resume() : withVariable("PYTHONFAULTHANDLER", "1")(draft)),
  "missing-operator": (draft) => /MPS/.test(draft.text) && draft.setVariable("PYTORCH_ENABLE_MPS_FALLBACK", "1"),
  "port-in-use": firstOf((draft) => draft.avoidPort()),
  "gpu-driver": firstOf(onCpu),
  "own-module": (draft) => draft.searchModules(),
  "relative-import": (draft) => draft.asModule(),
  usage: meantFlag,
  "gpu-hardware": resume,
  network: resume,
  preempted: resume,
  "time-limit": resume,
  interrupted: resume,
  terminated: resume,
  killed: resume,
  unknown: resume,
};
