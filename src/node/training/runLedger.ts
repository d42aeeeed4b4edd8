import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { quoteWord } from "../../core/base/shellWord.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import type { TakenReceipt } from "../../core/training/receiptSchema.ts";
import {
  compareRunIds,
  isCalled,
  makeRunId,
  RUN_ID_RANDOMS,
  runIdSuffix,
  runIdTimeMs,
} from "../../core/training/runId.ts";
import type { Run, RunRecord, RunSettings, RunStatus } from "../../core/training/runRecord.ts";
import { deriveRunState } from "../../core/training/runState.ts";
import { describeFileError, errorCode, passOverFileErrors } from "../base/fileErrors.ts";
import { probeProcess } from "../base/processIdentity.ts";
import { PATCH_ENCODING, readRunRecord, readRunStatus, runFiles, writeRunRecord } from "./runFolder.ts";
import { readStopRequest } from "./stopRequest.ts";

/** What is written by machine and read by machine; everything else below `.trainyard` may be shared. */
const GITIGNORE = "runs/\nhandoffs/\n";

/** A folder below `.trainyard/runs` that cannot be understood, with a sentence that says why. */
export type UnreadableRun = { id: string; folder: string; reason: string };

/** Newest first. */
export type RunList = { runs: Run[]; unreadable: UnreadableRun[] };

/** The folder that holds the runs of a workspace folder. */
export function runsFolder(root: string): string {
  return join(root, ".trainyard", "runs");
}

/** Writes the folder of a new run and gives its path; nothing is started. */
export async function createRun(
  root: string,
  plan: LaunchPlan,
  { patch, newCode, ...receipt }: TakenReceipt,
  options: RunSettings & Pick<RunRecord, "wait" | "sweep"> = {},
): Promise<string> {
  const createdAt = new Date();
  let folder: string | undefined;
  try {
    await prepareTrainyardFolder(root);
    folder = await makeRunFolder(root, plan.title, createdAt);
    const record: RunRecord = {
      schemaVersion: 1,
      id: basename(folder),
      createdAt: createdAt.toISOString(),
      plan,
      receipt,
      ...options,
    };
    if (patch !== undefined) {
      await writeFile(runFiles(folder).patch, patch, PATCH_ENCODING);
    }
    if (newCode !== undefined) {
      await writeFile(runFiles(folder).newCode, newCode, PATCH_ENCODING);
    }
    await writeRunRecord(folder, record);
    return folder;
  } catch (error) {
    if (folder !== undefined) {
      await rm(folder, { recursive: true, force: true }).catch(passOverFileErrors);
    }
    const isFull = ["ENOSPC", "EDQUOT"].includes(errorCode(error) ?? "");
    const advice = isFull ? "free some space" : "make the folder writable";
    throw new UserError(
      `The run could not be recorded in ${runsFolder(root)}: ${describeFileError(error)}. Nothing was started; ${advice} and start again.`,
      { cause: error },
    );
  }
}

/** Creates `.trainyard` and its .gitignore where they are missing; a .gitignore that exists is the person's. */
export async function prepareTrainyardFolder(root: string): Promise<void> {
  const folder = join(root, ".trainyard");
  // Not with its parents: a workspace folder that is gone shall not come back.
  await unlessExisting(mkdir(folder));
  await unlessExisting(writeFile(join(folder, ".gitignore"), GITIGNORE, { flag: "wx" }));
}

async function unlessExisting(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (errorCode(error) !== "EEXIST") {
      throw error;
    }
  }
}

async function makeRunFolder(root: string, title: string, createdAt: Date): Promise<string> {
  await mkdir(runsFolder(root), { recursive: true });
  const idTime = await afterEveryRun(root, createdAt);
  for (;;) {
    const random = Math.floor(Math.random() * RUN_ID_RANDOMS);
    const folder = join(runsFolder(root), makeRunId(title, idTime, runIdSuffix(idTime, random)));
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") {
        throw error;
      }
    }
  }
}

/** A clock that was set back gives later runs earlier times; their names go on behind the newest one all the same. */
async function afterEveryRun(root: string, now: Date): Promise<Date> {
  const times = (await listRunNames(root)).map((name) => runIdTimeMs(name) ?? 0);
  const newest = times.reduce((a, b) => Math.max(a, b), 0);
  return newest < now.getTime() ? now : new Date(Math.floor(newest) + 1);
}

/** One run as it is now. Refuses a folder that is none, or that is damaged. */
export async function readRun(folder: string): Promise<Run> {
  const record = await readRunRecord(folder);
  const run = await readRunOnce(folder, record);
  // An owner that ends writes the last status and goes; who read the status before and looked for the process after
  // would call the run lost.
  const settled = run.state === "lost" || run.state === "orphaned" ? await readRunOnce(folder, record) : run;
  // Nobody was there to write it down, but a training that was asked to stop and is gone has stopped.
  return settled.state === "lost" && (await readStopRequest(folder)) !== undefined
    ? { ...settled, state: "stopped" }
    : settled;
}

async function readRunOnce(folder: string, record: RunRecord): Promise<Run> {
  const written = await readRunStatus(folder);
  const status: RunStatus = written ?? { schemaVersion: 1, state: "starting", heartbeatAt: record.createdAt };
  return { record, status, folder, state: deriveRunState(status, probeProcess, Date.now()) };
}

/**
 * Every run of a workspace folder. Never throws for what lies in the folder: what is broken is listed as unreadable.
 * `ended`: runs by folder that had ended when they were read last; nothing about them changes, so they are not read again.
 */
export async function listRuns(root: string, ended: ReadonlyMap<string, Run> = new Map()): Promise<RunList> {
  const names = await listRunNames(root);
  const list: RunList = { runs: [], unreadable: [] };
  const folders = names.map((name) => join(runsFolder(root), name));
  const found = await Promise.all(folders.map(async (folder) => ended.get(folder) ?? readRunOrReason(folder)));
  for (const entry of found) {
    if ("reason" in entry) {
      list.unreadable.push(entry);
    } else {
      list.runs.push(entry);
    }
  }
  return list;
}

/** Those whose end is written, by folder: `listRuns` does not read them again. */
export function endedByFolder(runs: readonly Run[]): Map<string, Run> {
  return new Map(runs.filter(({ status }) => status.endedAt !== undefined).map((run) => [run.folder, run]));
}

/** The names of the run folders, newest first. */
export async function listRunNames(root: string): Promise<string[]> {
  try {
    const entries = await readdir(runsFolder(root), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .toSorted(compareRunIds);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") {
      return [];
    }
    throw new UserError(`The runs in ${runsFolder(root)} cannot be listed: ${describeFileError(error)}.`, {
      cause: error,
    });
  }
}

/** The run of a folder; where its files are damaged, why they cannot be read. */
export async function readRunOrReason(folder: string): Promise<Run | UnreadableRun> {
  try {
    return await readRun(folder);
  } catch (error) {
    return { id: basename(folder), folder, reason: messageOf(error) };
  }
}

/** The run with this id, with an id that starts so, or the newest one for `latest`. */
export async function findRun(root: string, id: string): Promise<Run> {
  return readRun(await findRunFolder(root, id));
}

/** That a workspace has no runs, and which folder above it has some: a person may stand in a folder of the workspace. */
export function describeNoRuns(root: string): string {
  const above = folderWithRuns(dirname(root));
  const hint = above === undefined ? "" : ` Those of ${above} are listed with --folder ${quoteWord(above)}.`;
  return `There are no runs in ${runsFolder(root)}.${hint}`;
}

function folderWithRuns(folder: string): string | undefined {
  if (existsSync(runsFolder(folder))) {
    return folder;
  }
  return folder === dirname(folder) ? undefined : folderWithRuns(dirname(folder));
}

/** The same without reading it. */
export async function findRunFolder(root: string, id: string): Promise<string> {
  const { begun, matches } = await matchRuns(root, id);
  const [match = ""] = matches.includes(id) ? [id] : matches;
  if (matches.length > 1 && match !== id) {
    const next = begun.length > 0 ? "Write more of it." : "Write the id of one.";
    throw new UserError(`${id} could be any of ${matches.length} runs: ${matches.slice(0, 5).join(", ")}. ${next}`);
  }
  return join(runsFolder(root), match);
}

/** The folders of the runs that are called so, newest first; none where the word is an id or how ids begin. */
export async function findFoldersCalled(root: string, name: string): Promise<string[]> {
  const { begun, matches } = await matchRuns(root, name);
  return begun.length > 0 ? [] : matches.map((match) => join(runsFolder(root), match));
}

/** The ids that a word may mean; `begun`: those that are it or begin so. Refuses where there is none. */
async function matchRuns(root: string, id: string): Promise<{ begun: string[]; matches: string[] }> {
  const names = await listRunNames(root);
  if (names.length === 0) {
    throw new UserError(`${describeNoRuns(root)} Start one, or choose another workspace folder.`);
  }
  // A folder that somebody made there has no time in its name, and would sort before every run.
  const newest = names.find((name) => /^\d{8}-\d{6}-/.test(name)) ?? names[0];
  const begun =
    id === "latest"
      ? names.filter((name) => name === newest)
      : names.filter((name) => name === id || name.startsWith(id));
  const matches = begun.length > 0 ? begun : names.filter((name) => isCalled(name, id));
  if (matches.length === 0) {
    throw new UserError(`There is no run ${id} in ${runsFolder(root)}. The newest one is ${newest}.`);
  }
  return { begun, matches };
}
