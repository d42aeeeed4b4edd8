import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isCode } from "./step.mjs";

const RETRY_MS = 500;
/** A lock is empty until its owner has written into it, which takes milliseconds. */
const EMPTY_FOR_MS = 10_000;
const ADVICE_AFTER_MS = 60_000;

/**
 * Waits until no other process holds the lock, takes it, and gives what releases it. A lock whose owner is gone does not
 * count, also where its number belongs to another process by now.
 * @param {string} file
 * @returns {Promise<() => Promise<void>>}
 */
export async function takeLock(file) {
  const startedAt = Date.now();
  let said = 0;
  while (!(await createNew(file, identify(process.pid)))) {
    const owner = await readOwner(file);
    if (owner.isGone && (await removeStale(file))) {
      continue;
    }
    if (said === 0) {
      const which = owner.pid > 0 ? ` (process ${owner.pid})` : "";
      process.stdout.write(`Another set-up is running${which}; waiting for it.\n`);
      said = 1;
    } else if (said === 1 && Date.now() - startedAt > ADVICE_AFTER_MS) {
      process.stdout.write(`Still waiting. If no other set-up is running, delete ${file} and ${removalLock(file)}.\n`);
      said = 2;
    }
    await delay(RETRY_MS);
  }
  return () => rm(file, { force: true });
}

/**
 * Of two that both saw a stale lock, the slower one would otherwise remove the fresh lock of the faster one. False where
 * another process is at it.
 * @param {string} file
 */
async function removeStale(file) {
  const removal = removalLock(file);
  if (!(await createNew(removal, identify(process.pid)))) {
    return false;
  }
  try {
    if ((await readOwner(file)).isGone) {
      await rm(file, { force: true });
    }
    return true;
  } finally {
    await rm(removal, { force: true });
  }
}

/** @param {string} file */
function removalLock(file) {
  return `${file}.removal`;
}

/**
 * False when the file is there already.
 * @param {string} file
 * @param {string} text
 */
async function createNew(file, text) {
  try {
    await writeFile(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) {
      return false;
    }
    throw error;
  }
}

/** @param {string} file */
async function readOwner(file) {
  try {
    const text = await readFile(file, "utf8");
    const pid = Number.parseInt(text, 10);
    const isGone =
      text === "" ? Date.now() - (await stat(file)).mtimeMs > EMPTY_FOR_MS : !(pid > 0) || identify(pid) !== text;
    return { pid, isGone };
  } catch (error) {
    if (isCode(error, "ENOENT")) {
      return { pid: 0, isGone: false };
    }
    throw error;
  }
}

/**
 * The number of a process and when it started; only the first where the system does not tell, "" when no such process runs.
 * @param {number} pid
 * @returns {string}
 */
export function identify(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isCode(error, "EPERM")) {
      return "";
    }
  }
  return `${pid} ${startTime(pid)}`.trim();
}

/** @param {number} pid */
function startTime(pid) {
  try {
    if (process.platform === "linux") {
      // The name in field 2 may hold spaces and parentheses; the start is field 22, see proc_pid_stat(5).
      const line = readFileSync(`/proc/${pid}/stat`, "latin1");
      return line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    }
    return process.platform === "win32"
      ? ""
      : execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
          encoding: "utf8",
          env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
        }).trim();
  } catch {
    return "";
  }
}
