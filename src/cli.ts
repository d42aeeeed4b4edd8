#!/usr/bin/env node
import { readFile, stat } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { closestName } from "./core/base/closestName.ts";
import { messageOf, UserError } from "./core/base/errors.ts";
import { withoutControls } from "./core/base/markdown.ts";
import { FOLDER_OPTION, renderHelp, renderVerbHelp } from "./node/base/cliHelp.ts";
import { readOptions } from "./node/base/cliOptions.ts";
import { type CliHost, type CliVerb, UsageError } from "./node/base/cliVerb.ts";
import type { VerbName } from "./node/base/verbTexts.ts";
import { workspaceAbove } from "./node/base/workspaceAbove.ts";

/** A verb is loaded when it is called: most of them need packages that the others do not. */
const verbs: Readonly<Record<VerbName, () => Promise<CliVerb>>> = {
  run: async () => (await import("./node/training/cli/run.ts")).runVerb,
  sweep: async () => (await import("./node/training/cli/sweep.ts")).sweepVerb,
  runs: async () => (await import("./node/training/cli/runs.ts")).runsVerb,
  logs: async () => (await import("./node/training/cli/logs.ts")).logsVerb,
  stop: async () => (await import("./node/training/cli/stop.ts")).stopVerb,
  gpus: async () => (await import("./node/training/cli/gpus.ts")).gpusVerb,
  diagnose: async () => {
    const { resumePointFinder } = await import("./node/checkpoints/resumePoint.ts");
    const { folderLister } = await import("./node/checkpoints/listCheckpointFolder.ts");
    return (await import("./node/training/cli/diagnose.ts")).diagnoseVerb(resumePointFinder(folderLister()));
  },
  resume: loadResume,
  checkpoints: async () => (await import("./node/checkpoints/cliCheckpoints.ts")).checkpointsVerb,
  newest: async () => (await import("./node/checkpoints/cliCheckpoints.ts")).newestVerb,
  inspect: async () => (await import("./node/checkpoints/cliCheckpoints.ts")).inspectVerb,
  compare: async () => (await import("./node/checkpoints/cliCompare.ts")).compareVerb,
  prune: loadPrune,
  graph: async () => (await import("./node/metaflow/cliGraph.ts")).graphVerb,
  agents: async () => (await import("./node/agents/cliAgents.ts")).agentsVerb,
  check: async () => {
    const { checkVerb } = await import("./node/metaflow/cliCheck.ts");
    return checkVerb(async (path) => (await import("./node/training/checkTraining.ts")).checkTraining(path));
  },
  workflow: async () => (await import("./node/workflow/cliWorkflow.ts")).workflowVerb,
  metrics: async () => {
    const { namedRuns } = await import("./node/training/namedRuns.ts");
    return (await import("./node/metrics/cliMetrics.ts")).metricsVerb(namedRuns);
  },
  facts: async () => (await import("./node/knowledge/cliFacts.ts")).factsVerb,
};

/** Where three slices meet: what ran, what it saved, and what it logged. */
async function loadResume(): Promise<CliVerb> {
  const { placeOf } = await import("./node/checkpoints/resumePoint.ts");
  const { folderLister } = await import("./node/checkpoints/listCheckpointFolder.ts");
  const { lookBeside } = await import("./node/checkpoints/lookBeside.ts");
  const { readRunCurves } = await import("./node/metrics/logsOfRun.ts");
  const { resumeVerb } = await import("./node/training/cli/resume.ts");
  return resumeVerb({
    listFolder: folderLister(),
    readCurves: readRunCurves,
    lookBeside,
    placeOf,
  });
}

async function loadPrune(): Promise<CliVerb> {
  const { listRuns } = await import("./node/training/runLedger.ts");
  const { readCheckpointWriters } = await import("./core/training/checkpointWriters.ts");
  const { readRunCurves } = await import("./node/metrics/logsOfRun.ts");
  const { pruneVerb } = await import("./node/checkpoints/cliPrune.ts");
  return pruneVerb(async (root, entries) => readCheckpointWriters((await listRuns(root)).runs, entries, readRunCurves));
}

/** What people type for a verb that is called otherwise here. */
const OTHER_NAMES: ReadonlyMap<string, VerbName> = new Map(
  Object.entries({
    train: "run",
    start: "run",
    list: "runs",
    ls: "runs",
    ps: "runs",
    status: "runs",
    kill: "stop",
    cancel: "stop",
    tail: "logs",
    why: "diagnose",
    continue: "resume",
    ckpt: "checkpoints",
    plot: "metrics",
    lint: "check",
  } as const),
);

function isVerb(name: string): name is VerbName {
  return Object.hasOwn(verbs, name);
}

function nearestVerb(name: string): VerbName | undefined {
  const near = closestName(name, [...Object.keys(verbs), ...OTHER_NAMES.keys()]) ?? name;
  return OTHER_NAMES.get(name) ?? OTHER_NAMES.get(near) ?? (isVerb(near) ? near : undefined);
}

function missingVerb(name: string): string {
  if (name.startsWith("-")) {
    return `The verb comes first: trainyard <verb> ${name} … The verbs are ${Object.keys(verbs).join(", ")}.`;
  }
  const near = nearestVerb(name);
  return near === undefined
    ? `There is no verb ${name}. The verbs are ${Object.keys(verbs).join(", ")}; trainyard help says what each does.`
    : `There is no verb ${name}. Did you mean trainyard ${near}? trainyard help lists all.`;
}

const HELP_WORDS = new Set(["help", "--help", "-h"]);
const VERSION_WORDS = new Set(["version", "--version", "-v", "-V"]);

/** Exit codes: 0 done, 1 refused with a sentence, 2 typed wrongly; `run` gives the training's own. */
async function main(args: readonly string[]): Promise<number> {
  const [name = "help", ...others] = args;
  if (VERSION_WORDS.has(name)) {
    host.print(await readVersion());
    return 0;
  }
  if (HELP_WORDS.has(name)) {
    const [about] = others;
    return about === undefined || HELP_WORDS.has(about) ? printHelp() : await main([about, "--help"]);
  }
  let verb: CliVerb | undefined;
  try {
    if (!isVerb(name)) {
      throw new UsageError(missingVerb(name));
    }
    verb = await verbs[name]();
    if (asksForHelp(others)) {
      host.print(renderVerbHelp(name, verb));
      return 0;
    }
    return await callVerb(verb, others);
  } catch (error) {
    return report(error, name, verb);
  }
}

function printHelp(): number {
  host.print(renderHelp());
  return 0;
}

/** `logs latest --help` as well; what stands behind `--` is not ours, and a run may be called help. */
function asksForHelp([first = "", ...others]: readonly string[]): boolean {
  const end = others.indexOf("--");
  const own = end === -1 ? others : others.slice(0, end);
  return HELP_WORDS.has(first) || (first !== "--" && (own.includes("--help") || own.includes("-h")));
}

async function callVerb(verb: CliVerb, args: readonly string[]): Promise<number> {
  requireWorkingFolder();
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end + 1);
  const takesCommand = verb.takesCommand === true;
  const { options, words } = readOptions(own, { ...verb.options, folder: FOLDER_OPTION }, verb.isWord);
  const named = options["folder"];
  const folder = resolve(typeof named === "string" ? named : ".");
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new UserError(`There is no folder ${folder}. --folder takes the folder of a workspace.`);
  }
  return verb.run({
    root: named === undefined && verb.workspace !== undefined ? workspaceAbove(folder) : folder,
    folder,
    options,
    words: takesCommand ? words : [...words, ...rest],
    rest: takesCommand ? rest : [],
    host: { ...host, version: await readVersion() },
  });
}

/** A terminal may stay in a folder that somebody removed. */
function requireWorkingFolder(): void {
  try {
    process.cwd();
  } catch (error) {
    throw new UserError("The folder of this terminal was removed. Change to another one, then try again.", {
      cause: error,
    });
  }
}

function report(error: unknown, name: string, verb: CliVerb | undefined): number {
  const isUsage = error instanceof UsageError;
  if (!(error instanceof UserError)) {
    throw error;
  }
  process.stderr.write(`trainyard: ${withoutControls(messageOf(error))}\n`);
  if (isUsage && verb !== undefined) {
    process.stderr.write(`Usage: trainyard ${name} ${verb.usage}\n`);
  }
  return isUsage ? 2 : 1;
}

async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}

const ownPath = fileURLToPath(import.meta.url);

const host: CliHost = {
  supervisorPath: fileURLToPath(new URL(`./supervisor${extname(ownPath)}`, import.meta.url)),
  version: "",
  print: (text) => process.stdout.write(`${text}\n`),
};

process.stdout.on("error", () => process.exit(128 + 13));
process.exitCode = await main(process.argv.slice(2));
