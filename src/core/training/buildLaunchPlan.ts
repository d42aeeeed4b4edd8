import { argumentWords, checkArgumentVector, readArgumentVector, type VectorEntry } from "./argumentVector.ts";
import type { DeviceChoice } from "./gpuChoice.ts";
import type { LaunchPlan } from "./launchPlan.ts";
import { type InterpreterProbe, missingModuleWarning, type RequiredModule } from "./moduleCheck.ts";
import { detectCheckpointFolder, detectLogFolder, type OutputFolder } from "./outputFolders.ts";
import type { ScriptArgument, ScriptArguments } from "./scriptArguments.ts";
import type { ScriptFacts } from "./scriptFacts.ts";

/** Everything that was read, asked and looked up for one plan. */
export type LaunchFacts = {
  /** Absolute. */
  scriptPath: string;
  script: ScriptFacts;
  localModules: readonly ScriptFacts[];
  arguments: ScriptArguments;
  /** The argument vector of the request. */
  given: readonly string[];
  entry: ScriptEntry;
  interpreter: { path: string; reason: string; probe: InterpreterProbe | { problem: string } };
  /** Unconditional imports that are not neighbours of the script. */
  required: readonly RequiredModule[];
  device: DeviceChoice;
  /** Names of the folders that exist in `entry.cwd`. */
  existingFolders: readonly string[];
  /** Joins a path as written in the script to the folder it runs in. */
  resolvePath: (folder: string, path: string) => string;
};

/** How the file is started: `train.py`, or `-m package.train` where it imports its own package. */
export type ScriptEntry = { cwd: string; words: readonly string[]; environment: Readonly<Record<string, string>> };

export function buildLaunchPlan(facts: LaunchFacts): LaunchPlan {
  const { script, interpreter, entry, device } = facts;
  const planned = planArguments(facts);
  const words = [...planned.before, ...facts.given, ...planned.after];
  const given = readArgumentVector(facts.given.slice(prefixLength(facts)), facts.arguments);
  const folderFacts = { ...facts, given, existing: facts.existingFolders };
  const checkpoints = detectCheckpointFolder(folderFacts);
  const logs = detectLogFolder(folderFacts);
  const resolve = (folder: OutputFolder) => ({ ...folder, path: facts.resolvePath(entry.cwd, folder.path) });
  const version = "version" in interpreter.probe ? interpreter.probe.version : undefined;
  return {
    kind: script.flow ? "flow" : "training",
    title: titleOf(facts.scriptPath),
    script: facts.scriptPath,
    command: [interpreter.path, ...entry.words, ...words],
    cwd: entry.cwd,
    // Python holds back what it prints into a pipe; progress is read from there while it runs.
    environment: { ...entry.environment, ...device.environment, PYTHONUNBUFFERED: "1" },
    interpreter: { path: interpreter.path, reason: interpreter.reason, ...(version ? { version } : {}) },
    device: device.device,
    arguments: describeArguments(facts.arguments, given, planned.entries),
    ...(checkpoints ? { checkpointFolder: resolve(checkpoints) } : {}),
    ...(logs ? { logFolder: resolve(logs) } : {}),
    warnings: [
      ...sourceWarnings(facts),
      ...checkArgumentVector([...given, ...planned.entries], facts.arguments, script.label),
      ...device.warnings,
    ],
  };
}

/**
 * The device that the arguments themselves ask for: they win over the choice of Trainyard, since the script
 * would not find a GPU that was hidden from it.
 */
export function deviceInArguments(given: readonly string[], declared: ScriptArguments): "cpu" | number | undefined {
  const entry = readArgumentVector(given, declared).findLast(({ flag }) =>
    /^(?:--)?(?:trainer\.)?(?:device|accelerator)$/.test(flag),
  );
  const index = /^cuda:(\d+)$/.exec(entry?.value ?? "")?.[1];
  return entry?.value === "cpu" ? "cpu" : index === undefined ? undefined : Number(index);
}

type PlannedArguments = { before: readonly string[]; after: readonly string[]; entries: readonly VectorEntry[] };

function planArguments(facts: LaunchFacts): PlannedArguments {
  const prefix = facts.script.flow ? ["--no-pylint", "run"] : (facts.arguments.prefix ?? []);
  const hasPrefix = prefixLength(facts) > 0;
  const device = planDevice(facts);
  return {
    before: [...environmentOption(facts), ...(hasPrefix ? [] : prefix)],
    after: device ? argumentWords(device.declared, device.value) : [],
    entries: device ? [{ flag: device.declared.flag, value: device.value, declared: device.declared }] : [],
  };
}

/** What Metaflow refuses a flow with `@pypi` or `@conda` without. */
function environmentOption({ given, script }: LaunchFacts): string[] {
  const environment = script.flow?.environment;
  const isGiven = given.some((word) => /^--environment(?:=|$)/.test(word));
  return environment === undefined || isGiven ? [] : [`--environment=${environment}`];
}

/** The commands of a flow that start something. */
const FLOW_COMMANDS = /^(?:run|resume|spin)$/;

/** Whether the person wrote `fit` or `run` themselves: then the first words are not arguments. */
function prefixLength({ given, arguments: declared, script }: LaunchFacts): number {
  if (script.flow) {
    return given.findIndex((word) => FLOW_COMMANDS.test(word)) + 1;
  }
  return declared.prefix && /^(?:fit|validate|test|predict)$/.test(given[0] ?? "") ? 1 : 0;
}

/** A script whose default is a GPU that it will not have gets told. */
function planDevice(facts: LaunchFacts): { declared: ScriptArgument; value: string } | undefined {
  const declared = facts.arguments.arguments.find(
    (argument) => argument.name === "device" && argument.kind !== "switch",
  );
  const isGiven = readArgumentVector(facts.given, facts.arguments).some((entry) => entry.declared === declared);
  if (!declared || isGiven || !declared.default?.startsWith("cuda")) {
    return undefined;
  }
  const isNumbered = /^cuda:[1-9]/.test(declared.default);
  const { kind } = facts.device.device;
  const value = kind !== "cuda" ? kind : isNumbered ? "cuda:0" : undefined;
  return value !== undefined && (declared.choices?.includes(value) ?? true) ? { declared, value } : undefined;
}

function describeEntry(entry: VectorEntry, source: "given" | "planned"): LaunchPlan["arguments"][number] {
  const { declared, flag, value } = entry;
  return {
    flag,
    ...(value === undefined ? {} : { value }),
    source,
    ...(declared?.default === undefined ? {} : { default: declared.default }),
    ...(declared?.help === undefined ? {} : { help: declared.help }),
  };
}

/** What a plan says about its arguments: those that are given, those that Trainyard adds, and what the script takes for the others. */
export function describeArguments(
  declared: ScriptArguments,
  given: readonly VectorEntry[],
  planned: readonly VectorEntry[] = [],
): LaunchPlan["arguments"] {
  return [
    ...given.map((argument) => describeEntry(argument, "given")),
    ...planned.map((argument) => describeEntry(argument, "planned")),
    ...defaultsOf(declared, [...given, ...planned]),
  ];
}

/** A configuration may have hundreds of keys; the plan is kept in a file and shown to people. */
const MAX_DEFAULTS = 100;

function defaultsOf(declared: ScriptArguments, used: readonly VectorEntry[]): LaunchPlan["arguments"] {
  const names = new Set(used.map((entry) => entry.declared?.name));
  return declared.arguments
    .filter((argument) => !names.has(argument.name) && argument.default !== undefined)
    .slice(0, MAX_DEFAULTS)
    .map(({ flag, default: value, help }) => ({
      flag,
      ...(value === undefined ? {} : { value }),
      source: "default",
      ...(help === undefined ? {} : { help }),
    }));
}

function sourceWarnings({ script, interpreter, required, device }: LaunchFacts): string[] {
  const syntax = script.hasSyntaxErrors
    ? [`\`${script.label}\` has a syntax error, so Python will not start it. Correct it first.`]
    : [];
  const { probe } = interpreter;
  if ("problem" in probe) {
    return [...syntax, probe.problem];
  }
  const missing = required.filter(({ module }) => probe.missing.includes(module));
  // "`.venv` (Python 3.11.7)" for an environment of the project, "Python 3.11.7 (`python3` on PATH)" for any other.
  const folder = /^`\.?v?env`/.exec(interpreter.reason)?.[0];
  const environment = folder
    ? `${folder} (Python ${probe.version})`
    : `Python ${probe.version} (${interpreter.reason})`;
  const hasIdleGpu = device.device.kind === "cuda" && probe.torchVersion?.endsWith("+cpu") === true;
  return [
    ...syntax,
    ...missingModuleWarning(missing, {
      scriptLabel: script.label,
      environment,
      python: interpreter.path,
    }),
    ...(hasIdleGpu
      ? [
          `PyTorch ${probe.torchVersion} is built without CUDA, so the GPU stays idle. Install a CUDA build of PyTorch to use it.`,
        ]
      : []),
  ];
}

function titleOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).replace(/\.py$/, "");
}
