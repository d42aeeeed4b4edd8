import type { Placeholder } from "./fact.ts";
import { shellCommands } from "./shellCommands.ts";

/** Whether a file, as a command names it, holds a Metaflow flow. */
export type IsFlowFile = (script: string) => boolean;

/** Longer ones are programs of their own. */
const MAX_COMMAND_CHARACTERS = 1_000;

/**
 * What a command line is for, by the first of its commands that is known: by what Python is told to start, and never by
 * words that come later, which may speak of anything (`git commit -m "train the interns"`).
 */
export function commandPurpose(command: string, isFlowFile: IsFlowFile): Placeholder | undefined {
  for (const words of shellCommands(command.slice(0, MAX_COMMAND_CHARACTERS))) {
    const purpose = purposeOf(words, isFlowFile);
    if (purpose !== undefined) {
      return purpose;
    }
  }
  return undefined;
}

/** What trains or evaluates, by the name of a script, a module or an entry point. */
export function purposeOfName(name: string): "train_command" | "validate_command" | undefined {
  const plain = name.toLowerCase().replaceAll("-", "_");
  if (/^(?:eval|evaluate|evaluation|validate|validation|eval_\w+|\w+_eval(?:uate)?)$/.test(plain)) {
    return "validate_command";
  }
  return /^(?:train|training|pretrain|finetune|fine_tune|fit|train_\w+|\w+_train)$/.test(plain)
    ? "train_command"
    : undefined;
}

function purposeOf(written: readonly string[], isFlowFile: IsFlowFile): Placeholder | undefined {
  const words = withoutPrefix(written);
  const inner = innerCommand(words);
  if (inner !== undefined) {
    return commandPurpose(inner, isFlowFile);
  }
  const started = startedBy(words);
  if (started === undefined) {
    return undefined;
  }
  const { name, script, rest } = started;
  if (name === "tensorboard") {
    return rest.some((word) => word.startsWith("--logdir")) ? "tensorboard_command" : undefined;
  }
  if ((script !== undefined && isFlowFile(script)) || words.some((word) => METAFLOW_WORDS.has(word))) {
    const flowPurpose = purposeOfFlowCommand(rest);
    if (flowPurpose !== undefined) {
      return flowPurpose;
    }
  }
  const purpose = purposeOfName(name);
  return purpose === "train_command" && rest.some((word) => RESUMES.test(word)) ? "resume_command" : purpose;
}

/** Words that nothing but Metaflow has. */
const METAFLOW_WORDS: ReadonlySet<string> = new Set(["metaflow", "argo-workflows", "step-functions"]);

const RESUMES = /^--(?:resume|ckpt|restore|continue)|resume_from/;

/** By the command of the flow, which stands behind its options. */
function purposeOfFlowCommand(words: readonly string[]): Placeholder | undefined {
  for (const [at, word] of words.entries()) {
    const purpose = FLOW_COMMANDS.get(word) ?? FLOW_COMMANDS.get(`${word} ${words[at + 1] ?? ""}`);
    if (purpose !== undefined) {
      return purpose;
    }
  }
  return undefined;
}

const FLOW_COMMANDS: ReadonlyMap<string, Placeholder> = new Map([
  ["run", "run_flow_command"],
  ["resume", "resume_flow_command"],
  ["dump", "show_results_command"],
  ["card view", "show_results_command"],
  ["card get", "show_results_command"],
  ["argo-workflows create", "deploy_flow_command"],
  ["argo-workflows list-runs", "list_runs_command"],
  ["step-functions create", "deploy_flow_command"],
  ["step-functions list-runs", "list_runs_command"],
  ["airflow create", "deploy_flow_command"],
]);

/** What is started: `train` of `train.py`, of `-m digits.train` and of `uv run train`, and the words behind it. */
type Started = { name: string; script?: string; rest: readonly string[] };

function startedBy(words: readonly string[]): Started | undefined {
  const [program = "", ...rest] = words;
  const name = programName(program);
  if (isPython(name)) {
    return startedByPython(rest);
  }
  if (LAUNCHERS.has(name)) {
    return startedByLauncher(rest);
  }
  // A shell looks for a bare name among the programs only.
  if (isScript(program) && /[/\\]/.test(program)) {
    return scriptAt(words, 0);
  }
  if (name === "tensorboard") {
    return { name, rest };
  }
  return RUNNERS.has(name) ? startedByRunner(rest) : WRAPPERS.has(name) ? startedByWrapper(rest) : undefined;
}

/** `python -u train.py`, `python -m digits.train`, `python -m torch.distributed.run train.py`. */
function startedByPython(words: readonly string[]): Started | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "-m") {
      const [module = "", ...rest] = words.slice(at + 1);
      return LAUNCHER_MODULES.has(module) ? startedByLauncher(rest) : moduleStart(module, rest);
    }
    if (word.startsWith("-c")) {
      return undefined;
    }
    if (word === "-W" || word === "-X") {
      at += 1;
    } else if (!word.startsWith("-")) {
      // A variable may name any file; what Metaflow is told behind it is clear nevertheless.
      return isScript(word) ? scriptAt(words, at) : { name: "", rest: words.slice(at + 1) };
    }
  }
  return undefined;
}

/** Options may have values of any kind, so that the script is known by its ending. */
function startedByLauncher(words: readonly string[]): Started | undefined {
  const at = words.findIndex((word) => MODULE_OPTIONS.has(word) || isScript(word));
  if (at === -1) {
    return undefined;
  }
  return isScript(words[at]) ? scriptAt(words, at) : moduleStart(words[at + 1], words.slice(at + 2));
}

/** `uv run --with rich train.py`, `poetry run python train.py`, and `uv run digits-train` for an entry point of the project. */
function startedByRunner(words: readonly string[]): Started | undefined {
  const behind = words.slice(words.indexOf("run") + 1);
  const at = words.includes("run") ? firstArgument(behind) : -1;
  const first = behind[at];
  if (first === undefined) {
    return undefined;
  }
  if (MODULE_OPTIONS.has(first)) {
    return moduleStart(behind[at + 1], behind.slice(at + 2));
  }
  return isScript(first)
    ? scriptAt(behind, at)
    : (startedBy(behind.slice(at)) ?? { name: first, rest: behind.slice(at + 1) });
}

function firstArgument(words: readonly string[]): number {
  return words.findIndex(
    (word, at) => MODULE_OPTIONS.has(word) || (!word.startsWith("-") && !RUNNER_VALUES.has(words[at - 1] ?? "")),
  );
}

/** `srun -n 4 python train.py`, `docker run --gpus all image python train.py`: only where Python is named. */
function startedByWrapper(words: readonly string[]): Started | undefined {
  const at = words.findIndex((word) => isPython(programName(word)) || LAUNCHERS.has(programName(word)));
  return at === -1 ? undefined : startedBy(words.slice(at));
}

function scriptAt(words: readonly string[], at: number): Started {
  const script = words[at] ?? "";
  return { name: programName(script).replace(/\.py$/, ""), script, rest: words.slice(at + 1) };
}

/** `tensorboard.main` is the program itself, `digits.train` a module of a package. */
function moduleStart(module = "", rest: readonly string[]): Started {
  const names = module.split(".");
  return { name: (names[0] === "tensorboard" ? names[0] : names.at(-1)) ?? "", rest };
}

/** Without what stands before a command: words of the shell, variables for it alone, and programs that start what follows. */
function withoutPrefix(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => !PREFIXES.has(programName(word)) && !/^[A-Za-z_]\w*=/.test(word));
  return at === -1 ? [] : words.slice(at);
}

const PREFIXES = new Set("then do else ! { exec time nohup env sudo command".split(" "));

/** `sh -c "python train.py"` */
function innerCommand([shell = "", ...rest]: readonly string[]): string | undefined {
  const at = /^(?:ba|da|z)?sh$/.test(programName(shell)) ? rest.findIndex((word) => /^-[a-z]*c$/.test(word)) : -1;
  return at === -1 ? undefined : rest[at + 1];
}

/** Without its folder. A variable that nothing gives a value has the name of its program: `$(PYTHON)`, `{{ torchrun }}`. */
function programName(word: string): string {
  const name = word.slice(Math.max(word.lastIndexOf("/"), word.lastIndexOf("\\")) + 1);
  const variable = /^(?:\$\((\w+)\)|\$\{(\w+)\}|\$(\w+)|\{\{\s*(\w+)\s*\}\})$/.exec(name)?.slice(1).join("");
  return variable === undefined ? name.replace(/\.exe$/i, "") : variable.toLowerCase();
}

function isPython(program: string): boolean {
  return /^(?:(?:i?python|pypy)w?[\d.]*|py|python_\w+|\w+_python)$/.test(program);
}

function isScript(word = ""): boolean {
  return /^[^-=][^=]*\.py$/.test(word);
}

const MODULE_OPTIONS = new Set(["-m", "--module"]);

/** Programs that start a Python script on several devices. */
const LAUNCHERS = new Set("torchrun accelerate deepspeed composer".split(" "));
const LAUNCHER_MODULES = new Set([
  "torch.distributed.run",
  "torch.distributed.launch",
  "accelerate.commands.launch",
  "deepspeed.launcher.runner",
]);

/** Programs that run what an environment holds, with `run`. */
const RUNNERS = new Set("uv poetry pdm pipenv hatch rye pixi conda mamba micromamba".split(" "));

/** Their options with a value behind them. */
const RUNNER_VALUES = new Set(
  (
    "--with --with-requirements --with-editable --extra --group --only-group --python -p --env-file --project --directory " +
    "--package --index --index-url --default-index -e --environment --manifest-path -C -P -n --name --prefix"
  ).split(" "),
);

/** Programs that start another one, which they name behind options of their own. */
const WRAPPERS = new Set(
  "srun mpirun mpiexec horovodrun docker podman singularity apptainer kubectl nice numactl timeout stdbuf".split(" "),
);
