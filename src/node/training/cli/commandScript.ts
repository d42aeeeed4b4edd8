import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../../core/base/errors.ts";
import { readArgumentVector } from "../../../core/training/argumentVector.ts";
import { describeArguments } from "../../../core/training/buildLaunchPlan.ts";
import { blindMaskWarning, namedDevice } from "../../../core/training/gpuChoice.ts";
import { isPythonProgram } from "../../../core/training/interpreterChoice.ts";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";
import { detectCheckpointFolder, detectLogFolder, type OutputFolder } from "../../../core/training/outputFolders.ts";
import { NO_ARGUMENTS, type ScriptArguments } from "../../../core/training/scriptArguments.ts";
import { findStartedScript } from "../../../core/training/startedScript.ts";
import { GPU_MASKS } from "../../../core/training/visibleGpus.ts";
import { findOnPath } from "../../base/commandOnPath.ts";
import { passOverFileErrors } from "../../base/fileErrors.ts";
import { deviceEnvironment, queryGpus } from "../gpuQuery.ts";
import { probeInterpreter } from "../interpreters.ts";
import { listFolders, type ReadScript, readScript } from "../planLaunch.ts";
import { planCommand } from "./commandPlan.ts";
import { type GpuSharing, shareGpus } from "./shareGpus.ts";

/** The script that a command starts, with the words after it; a command without one has no arguments that are known. */
export type CommandScript = {
  label: string;
  arguments: ScriptArguments;
  given: readonly string[];
  /** Absent where the command names no script. */
  source?: ReadScript;
};

/** Refuses a script that cannot be read. */
export async function readCommandScript(command: readonly string[], cwd: string): Promise<CommandScript> {
  const found = findScript(command, cwd);
  if (found === undefined) {
    // Variables of make are set by `NAME=value`, whatever the Makefile says.
    const known: ScriptArguments = isMake(command) ? { ...NO_ARGUMENTS, dialect: "make" } : NO_ARGUMENTS;
    return { label: basename(command[0] ?? ""), arguments: known, given: [] };
  }
  const source = await readScript(found.path, { workspaceFolder: cwd, environment: process.env });
  return { label: source.facts.label, arguments: source.arguments, given: command.slice(found.at + 1), source };
}

/** Whether a command is one of make, which decides itself what it starts. */
export function isMake([program = ""]: readonly string[]): boolean {
  return /^g?make(?:\.exe)?$/.test(basename(program));
}

/** A file by its name, or the file that a module is in. */
function findScript(command: readonly string[], cwd: string): { path: string; at: number } | undefined {
  if (isMake(command)) {
    return undefined;
  }
  const started = findStartedScript(command);
  if (started === undefined) {
    return undefined;
  }
  const { at, kind } = started;
  const word = command[at] ?? "";
  if (kind === "file") {
    return { path: word, at };
  }
  const file = join(...word.split("."));
  const path = [`${file}.py`, join(file, "__main__.py")].find((name) => existsSync(resolve(cwd, name)));
  return path === undefined ? undefined : { path, at };
}

/** What the script of a command takes, and where it saves and logs, with these words behind it; `existing`: the folders beside it. */
export function describeScript(
  { source }: CommandScript,
  words: readonly string[],
  { cwd, existing }: { cwd: string; existing: readonly string[] },
): Partial<Pick<LaunchPlan, "arguments" | "checkpointFolder" | "logFolder">> {
  if (source === undefined) {
    return {};
  }
  const given = readArgumentVector(words, source.arguments);
  const facts = { ...source, script: source.facts, given, existing };
  const place = (folder: OutputFolder) => ({ ...folder, path: resolve(cwd, folder.path) });
  const [checkpoints, logs] = [detectCheckpointFolder(facts), detectLogFolder(facts)];
  return {
    arguments: describeArguments(source.arguments, given),
    ...(checkpoints === undefined ? {} : { checkpointFolder: place(checkpoints) }),
    ...(logs === undefined ? {} : { logFolder: place(logs) }),
  };
}

/**
 * The plan for a command that a person typed in full: it runs as it is, a flow with the GPUs that its tasks share, and its script says where it saves, and what it takes, so
 * that it can be resumed, repaired and traced. A command whose script cannot be read has a plan too, since it is the program that refuses.
 */
export async function planTypedCommand(
  words: readonly string[],
  cwd: string,
  gpus: GpuSharing = { environment: process.env },
): Promise<LaunchPlan> {
  const command = planCommand(words, cwd);
  const typed = { ...command, ...(await deviceOf(command)) };
  const interpreter = await interpreterOf(typed);
  let script: CommandScript;
  try {
    script = await readCommandScript(typed.command, cwd);
  } catch (error) {
    if (error instanceof UserError) {
      return { ...typed, interpreter };
    }
    throw error;
  }
  const { source } = script;
  return {
    ...typed,
    interpreter,
    ...(await shareGpus(typed, script, gpus)),
    ...(source === undefined ? {} : { kind: source.facts.flow ? "flow" : "training", script: source.path }),
    ...describeScript(script, script.given, { cwd, existing: await listFolders(cwd) }),
  };
}

/** GPUs that are named are held for the run, so that no other one is given them before it has begun to compute. */
async function deviceOf(plan: LaunchPlan): Promise<Pick<LaunchPlan, "device" | "warnings">> {
  const environment = deviceEnvironment(plan);
  // The tool takes up to a second, and without a name there is nothing to look up.
  if (!GPU_MASKS.some((name) => environment[name])) {
    return plan;
  }
  const facts = { query: await queryGpus({ environment: process.env }), environment };
  const warning = blindMaskWarning(facts);
  return {
    device: namedDevice(facts) ?? plan.device,
    warnings: warning === undefined ? plan.warnings : [...plan.warnings, warning],
  };
}

/** A version is worth no longer wait. */
const VERSION_TIMEOUT_MS = 3_000;
/** More than a first line that names an interpreter. */
const SHEBANG_BYTES = 512;

/** The Python that a launcher such as torchrun runs in stands in its first line. */
async function interpreterOf({ interpreter, environment }: LaunchPlan): Promise<LaunchPlan["interpreter"]> {
  const { path } = interpreter;
  const file = basename(path) === path ? findOnPath(path, { ...process.env, ...environment }) : path;
  if (file === undefined) {
    return interpreter;
  }
  if (isPythonProgram(path)) {
    // `python` is another one tomorrow, and the receipt is to tell them apart: behind one shim of pyenv stand many.
    const asked = { environment: { ...process.env, ...environment }, timeoutMs: VERSION_TIMEOUT_MS };
    const probe = await probeInterpreter(file, [], asked);
    return "version" in probe
      ? { ...interpreter, path: file === path ? path : (probe.executable ?? file), version: probe.version }
      : { ...interpreter, path: file };
  }
  const python = /^#!\s*(?:\/usr\/bin\/env\s+)?(\S+)/.exec((await readStart(file)) ?? "")?.[1];
  return python !== undefined && isPythonProgram(python)
    ? { path: python, reason: `named by \`${basename(path)}\`` }
    : interpreter;
}

/** Undefined for what is no file, such as a folder: to start it is refused with a sentence. */
async function readStart(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const read = await file?.read(Buffer.alloc(SHEBANG_BYTES), 0, SHEBANG_BYTES, 0);
    return read?.buffer.toString("latin1", 0, read.bytesRead);
  } catch (error) {
    passOverFileErrors(error);
    return undefined;
  } finally {
    await file?.close();
  }
}
