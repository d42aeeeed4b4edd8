import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { closestName } from "../../core/base/closestName.ts";
import { UserError } from "../../core/base/errors.ts";
import { moduleOfFile } from "../../core/base/pythonModule.ts";
import { metaflowUser } from "../../core/metaflow/metaflowUser.ts";
import { buildLaunchPlan, deviceInArguments, type ScriptEntry } from "../../core/training/buildLaunchPlan.ts";
import { renderShownCommand } from "../../core/training/commandLine.ts";
import { chooseDevice, type DeviceChoice } from "../../core/training/gpuChoice.ts";
import type { IsAlive } from "../../core/training/gpuLease.ts";
import type { LaunchPlan, PlanRequest } from "../../core/training/launchPlan.ts";
import { type ModelSize, memoryWarning } from "../../core/training/memoryEstimate.ts";
import { requiredModules } from "../../core/training/moduleCheck.ts";
import { notebookAdvice } from "../../core/training/notebookAdvice.ts";
import type { ScriptArguments } from "../../core/training/scriptArguments.ts";
import { collectScriptArguments, type ScriptFacts } from "../../core/training/scriptFacts.ts";
import { missingFolderWarnings } from "../../core/training/scriptFolders.ts";
import { pythonReader } from "../base/pythonReader.ts";
import { readSource } from "../base/readSource.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";
import { describeFolderUse } from "./checkpointFolderUse.ts";
import { availableMiB, estimateMemory } from "./estimateMemory.ts";
import { findTrainingScripts } from "./findScripts.ts";
import { listGpuLeases } from "./gpuLease.ts";
import { watchGpus } from "./gpuLooks.ts";
import { findInterpreter, foldersUpTo, probeInterpreter } from "./interpreters.ts";
import { launchWarnings } from "./launchWarnings.ts";
import { findLocalImports, type LocalImports } from "./localModules.ts";
import { listRuns } from "./runLedger.ts";
import { taskGpuEnvironment } from "./taskGpus.ts";

/** What surrounds a plan: one folder of the workspace and the settings that hold there. */
export type PlanContext = {
  workspaceFolder: string;
  environment: NodeJS.ProcessEnv;
  /** The setting `trainyard.pythonPath`. */
  pythonPath?: string | undefined;
  /** What the Python extension has selected. */
  activeInterpreter?: string | undefined;
  /** Where the leases of GPUs lie; without it every GPU counts as free to take. */
  leases?: { folder: string; isAlive: IsAlive } | undefined;
  /** Reads the size of the model from the newest checkpoint of a folder; checkpoints are read by another slice. */
  findModelSize?: ((folder: string) => Promise<ModelSize | undefined>) | undefined;
  signal?: AbortSignal | undefined;
};

/** A script with everything that its sources say; nothing of it was imported. */
export type ReadScript = {
  path: string;
  /** What else could have been meant, where nobody named it; relative to the workspace folder. */
  others: readonly string[];
  cwd: string;
  facts: ScriptFacts;
  localModules: readonly ScriptFacts[];
  localImports: LocalImports;
  arguments: ScriptArguments;
};

/** Reads, asks and looks up everything a plan needs. Throws UserError where there is nothing to plan. */
export async function planLaunch(request: PlanRequest, context: PlanContext): Promise<LaunchPlan> {
  const script = await readScript(request.script, context);
  const given = request.arguments ?? [];
  const [plan] = await planEach(script, { vectors: [given], device: request.device }, context);
  return plan;
}

/** What is planned together has the device of the first in common. */
export type EachRequest = {
  vectors: readonly [readonly string[], ...(readonly string[])[]];
  device?: PlanRequest["device"];
};

/** One plan for each argument vector of a script; what they have in common is asked once. */
export async function planEach(
  script: ReadScript,
  { vectors, device: requested }: EachRequest,
  context: PlanContext,
): Promise<[LaunchPlan, ...LaunchPlan[]]> {
  const [given, ...others] = vectors;
  const interpreter = findInterpreter({
    workspaceFolder: context.workspaceFolder,
    scriptFolder: dirname(script.path),
    environment: context.environment,
    configured: context.pythonPath,
    active: context.activeInterpreter,
  });
  const [{ probe, required, holders }, device, existingFolders] = await Promise.all([
    askInterpreter(interpreter.path, script, context),
    planDevice(requested, deviceInArguments(given, script.arguments), context),
    listFolders(script.cwd),
  ]);
  const build = (words: readonly string[]) =>
    buildLaunchPlan({
      scriptPath: script.path,
      script: respectEnvironment(script.facts, context.environment),
      localModules: script.localModules,
      arguments: script.arguments,
      given: words,
      entry: entryOf(script, { words, device, holders }, context.environment),
      interpreter: { path: interpreter.path, reason: interpreter.reason, probe },
      required,
      device,
      existingFolders,
      resolvePath: resolve,
    });
  const first = build(given);
  const spoils = await launchWarnings(first, context);
  const memory = await estimateMemory(first, context);
  const tooMuch = memory && memoryWarning(memory, first.device, availableMiB());
  const missingFolders = missingFolderWarnings([script.facts, ...script.localModules], (path) =>
    existsSync(resolve(script.cwd, path)),
  );
  const warnings = [...spoils, ...missingFolders, ...(tooMuch === undefined ? [] : [tooMuch])];
  const alternatives = script.others.length === 0 ? {} : { others: [...script.others] };
  const { runs } = await listRuns(context.workspaceFolder);
  const complete = async (plan: LaunchPlan) => {
    const use = await describeFolderUse(plan, runs);
    return {
      ...plan,
      ...use,
      ...(memory === undefined ? {} : { memory }),
      ...alternatives,
      warnings: [...plan.warnings, ...warnings, ...use.warnings],
    };
  };
  return [await complete(first), ...(await Promise.all(others.map((words) => complete(build(words)))))];
}

/** What an interpreter says of itself, the modules it has to have, and the folders that it has to search for those that it lacks. */
async function askInterpreter(path: string, { facts, localImports }: ReadScript, context: PlanContext) {
  const { modules, elsewhere } = localImports;
  const imported = requiredModules(facts.imports, (module) => modules.has(module));
  const asked = new Set([...imported.map(({ module }) => module), ...elsewhere.keys()]);
  const probe = await probeInterpreter(path, [...asked], context);
  const own = new Map([...elsewhere].filter(([module]) => "problem" in probe || probe.missing.includes(module)));
  return {
    probe,
    required: imported.filter(({ module }) => !own.has(module)),
    holders: [...new Set(own.values())],
  };
}

/** Who has set an environment for the packages of flows knows why. */
function respectEnvironment(facts: ScriptFacts, environment: NodeJS.ProcessEnv): ScriptFacts {
  if (facts.flow === undefined || environment["METAFLOW_DEFAULT_ENVIRONMENT"] === undefined) {
    return facts;
  }
  const { name, line, gpuNeeds } = facts.flow;
  return { ...facts, flow: { name, line, gpuNeeds } };
}

/** Finds and reads a script: the one named, else the best of the workspace. */
export async function readScript(named: string | undefined, context: PlanContext): Promise<ReadScript> {
  const { path, others } = await locateScript(named, context);
  const text = await readSource(path);
  if (text === undefined) {
    throw new UserError(`\`${path}\` cannot be read. Check that it exists, is a text file and may be read.`);
  }
  const reader = pythonReader();
  const scriptFolder = dirname(path);
  const cwd = workingFolder(scriptFolder, context.workspaceFolder);
  const facts = await reader.read("scriptFacts", { text, label: basename(path) }, context.signal);
  const localImports = findLocalImports(facts.imports, scriptFolder, cwd);
  const localModules: ScriptFacts[] = [];
  for (const source of localImports.paths) {
    context.signal?.throwIfAborted();
    const moduleText = await readSource(source);
    if (moduleText !== undefined) {
      const label = relative(scriptFolder, source).replaceAll(sep, "/");
      localModules.push(await reader.read("scriptFacts", { text: moduleText, label }, context.signal));
    }
  }
  const configs = facts.hydra?.configPath
    ? await readConfigs(join(scriptFolder, facts.hydra.configPath), context.signal)
    : new Map();
  return {
    path,
    others,
    cwd,
    facts,
    localModules,
    localImports,
    arguments: collectScriptArguments(facts, localModules, configs),
  };
}

type LocatedScript = { path: string; others: readonly string[] };

async function locateScript(
  named: string | undefined,
  { workspaceFolder, signal }: PlanContext,
): Promise<LocatedScript> {
  if (named !== undefined) {
    return { path: await locateNamed(named, { workspaceFolder, signal }), others: [] };
  }
  const { candidates } = await findTrainingScripts(workspaceFolder, signal);
  const [best, ...rest] = candidates;
  if (!best) {
    throw new UserError(
      `No training script was found in \`${workspaceFolder}\`. Name the Python file to run, or create one with “Trainyard: New Training Script…”.`,
    );
  }
  const others = rest.filter(({ kind }) => kind === "training").map(({ path }) => path);
  return { path: join(workspaceFolder, best.path), others };
}

async function locateNamed(
  named: string,
  { workspaceFolder, signal }: Pick<PlanContext, "workspaceFolder" | "signal">,
): Promise<string> {
  const path = isAbsolute(named) ? named : join(workspaceFolder, named);
  if (/\.ipynb$/i.test(path)) {
    const inside = existsSync(path) ? undefined : await findByEnding(named, workspaceFolder, signal);
    throw new UserError(notebookAdvice(inside === undefined ? named : relative(workspaceFolder, inside)));
  }
  const found = await stat(path).catch(() => undefined);
  if (found && /\.sh$/i.test(path)) {
    const command = renderShownCommand(["trainyard", "run", "--", "bash", named]);
    throw new UserError(
      `\`${named}\` is a shell script, and the chat starts Python files. Name the file that it runs, or start it in a terminal: \`${command}\`.`,
    );
  }
  if (!found && named.endsWith(".py") && !isAbsolute(named)) {
    const elsewhere = await findByEnding(named, workspaceFolder, signal);
    if (elsewhere) {
      return elsewhere;
    }
  }
  if (!found?.isFile() || !path.endsWith(".py")) {
    const why = found ? "is not a Python file" : "does not exist";
    const near = found ? undefined : await findNearestName(named, workspaceFolder, signal);
    const suggestion = near === undefined ? "" : ` Did you mean \`${near}\`?`;
    throw new UserError(
      `\`${named}\` ${why} in \`${workspaceFolder}\`.${suggestion} Name a \`.py\` file, or leave it out to use the best one found.`,
    );
  }
  return path;
}

/** The Python file that a typing mistake, or its letters in another case, could have meant. */
async function findNearestName(
  named: string,
  workspaceFolder: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { files } = await walkWorkspace(workspaceFolder, { signal });
  const paths = files.filter(({ extension }) => extension === ".py").map(({ path }) => path);
  const near = closestName(
    basename(named),
    paths.map((path) => basename(path)),
  );
  return paths.find((path) => basename(path) === near);
}

/** People say `train.py` and mean `src/train.py`, as long as there is only one. */
async function findByEnding(
  named: string,
  workspaceFolder: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const ending = `/${named.replaceAll("\\", "/").replace(/^\.\//, "")}`;
  const { files } = await walkWorkspace(workspaceFolder, { signal });
  const matches = files.map((file) => file.path).filter((path) => `/${path}`.endsWith(ending));
  if (matches.length > 1) {
    const listed = matches.slice(0, 5).map((path) => `\`${path}\``);
    throw new UserError(`\`${named}\` could be ${listed.join(" or ")}. Name one with its folder.`);
  }
  return matches[0] === undefined ? undefined : join(workspaceFolder, matches[0]);
}

/** What makes a folder a project of its own inside a workspace with several. */
const PROJECT_MARKS = [
  "pyproject.toml",
  "requirements.txt",
  "setup.py",
  "setup.cfg",
  "environment.yml",
  ".git",
  ".venv",
];

/** Where a person would stand to start the script: its project, which is the workspace folder in most cases. */
function workingFolder(scriptFolder: string, workspaceFolder: string): string {
  const isInside = scriptFolder === workspaceFolder || scriptFolder.startsWith(workspaceFolder + sep);
  if (!isInside) {
    return scriptFolder;
  }
  const folders = foldersUpTo(scriptFolder, workspaceFolder);
  return folders.find((folder) => PROJECT_MARKS.some((mark) => existsSync(join(folder, mark)))) ?? workspaceFolder;
}

function entryOf(
  { path, cwd, facts, localImports }: ReadScript,
  { words: given, device, holders }: { words: readonly string[]; device: DeviceChoice; holders: readonly string[] },
  environment: NodeJS.ProcessEnv,
): ScriptEntry {
  const isInPackage = facts.imports.some(({ module }) => module.startsWith("."));
  const words = relative(cwd, path);
  const module = isInPackage ? moduleOfFile(words) : undefined;
  if (module !== undefined) {
    // Python searches the folder that a module runs in, and that of a script.
    return { cwd, words: ["-m", module], environment: searchPath(holders, environment) };
  }
  const searched = searchPath([...(localImports.needsWorkingFolder ? [cwd] : []), ...holders], environment);
  const inherits = { ...environment, ...searched };
  const forTasks = facts.flow
    ? {
        ...metaflowUser(environment),
        ...taskGpuEnvironment({ ...facts.flow, words: given }, countGpus(device), inherits),
      }
    : {};
  return { cwd, words: [words], environment: { ...searched, ...forTasks } };
}

/** The variable that makes Python search some folders before those it searches already. */
function searchPath(folders: readonly string[], environment: NodeJS.ProcessEnv): Record<string, string> {
  const inherited = environment["PYTHONPATH"];
  return folders.length === 0 ? {} : { PYTHONPATH: [...folders, ...(inherited ? [inherited] : [])].join(delimiter) };
}

/** A run that waits for the first free GPU is given one. */
function countGpus({ device }: DeviceChoice): number {
  return device.kind === "cuda" ? Math.max(1, device.gpus.length) : 0;
}

async function planDevice(
  device: PlanRequest["device"],
  inArguments: "cpu" | number | undefined,
  { environment, leases, signal }: PlanContext,
): Promise<DeviceChoice> {
  const isNumbered = typeof inArguments === "number";
  const requested = isNumbered ? [inArguments] : (inArguments ?? device ?? "auto");
  if (requested === "cpu") {
    return chooseDevice({ requested, query: { kind: "none", reason: "CPU was asked for" }, leases: [], environment });
  }
  const [query, taken] = await Promise.all([
    watchGpus({ environment, signal }),
    leases ? listGpuLeases(leases.folder, leases.isAlive) : [],
  ]);
  const choice = chooseDevice({ requested, query, leases: taken, environment });
  // The script counts GPUs itself: hiding the others would renumber the one it asks for.
  return isNumbered ? { ...choice, environment: { CUDA_DEVICE_ORDER: "PCI_BUS_ID" } } : choice;
}

/** A configuration tree is small; these bounds only keep a data folder of YAML files out. */
const CONFIG_LIMITS = { maxFiles: 1_000, maxDepth: 6, maxMs: 3_000, maxSiblings: 300 };
const MAX_CONFIG_BYTES = 256_000;

async function readConfigs(folder: string, signal: AbortSignal | undefined): Promise<Map<string, string>> {
  const { files } = await walkWorkspace(folder, { limits: CONFIG_LIMITS, signal });
  const configs = new Map<string, string>();
  for (const file of files.filter(({ extension }) => extension === ".yaml" || extension === ".yml")) {
    const text = await readSource(join(folder, file.path), MAX_CONFIG_BYTES);
    if (text !== undefined) {
      configs.set(file.path, text);
    }
  }
  return configs;
}

/** The names of the folders in a folder; none where it cannot be read. */
export async function listFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
