import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { logFolder, root, stampFolder } from "../paths.mjs";
import { findReason } from "./causes.mjs";

/**
 * What one step of the set-up is. A step is skipped when it is present and, where it has a fingerprint, its stamp,
 * written after its last success, still holds the same one.
 * @typedef {object} Step
 * @property {string} name File name of its log and its stamp.
 * @property {string} title What is being set up, for people.
 * @property {string} hint How long the first time takes.
 * @property {() => Promise<boolean>} isPresent
 * @property {() => Promise<string>} [fingerprint] What the result depends on.
 * @property {(log: Log) => Promise<void>} perform
 */

/**
 * @typedef {object} Log
 * @property {string} file
 * @property {(text: string) => void} write
 * @property {() => string} text What was written in this run.
 */

/** Something the set-up cannot do by itself; the message says what is missing and how to get it. */
export class SetUpError extends Error {}

/**
 * Performs the steps in order and prints one line for each.
 * @param {readonly Step[]} steps
 */
export async function performSteps(steps) {
  for (const [index, step] of steps.entries()) {
    await performStep(step, `[${index + 1}/${steps.length}] ${step.title}`);
  }
}

/**
 * @param {Step} step
 * @param {string} line
 */
async function performStep(step, line) {
  const stamp = join(stampFolder, step.name);
  if ((await step.isPresent()) && (await readFile(stamp, "utf8").catch(() => "")) === (await fingerprintOf(step))) {
    process.stdout.write(`${line}: already there\n`);
    return;
  }
  process.stdout.write(`${line}: working… (${step.hint})\n`);
  // A run that is interrupted from here on leaves no stamp, and the next one starts the step again.
  await rm(stamp, { force: true });
  const startedAt = Date.now();
  const log = openLog(step.name);
  await performLogged(step, log);
  await mkdir(stampFolder, { recursive: true });
  await writeFile(stamp, await fingerprintOf(step));
  process.stdout.write(`${line}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** @param {Step} step */
async function fingerprintOf(step) {
  return (await step.fingerprint?.()) ?? "";
}

/**
 * @param {Step} step
 * @param {Log} log
 */
async function performLogged(step, log) {
  try {
    await step.perform(log);
  } catch (error) {
    const printed = findReason(log.text());
    log.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
    const reason = error instanceof SetUpError ? error.message : `${step.title} failed: ${printed ?? String(error)}`;
    throw new SetUpError(`${reason}\nDetails: ${relative(root, log.file)}`);
  }
}

/**
 * @param {string} name
 * @returns {Log}
 */
function openLog(name) {
  const file = join(logFolder, `${name}.log`);
  let text = "";
  mkdirSync(logFolder, { recursive: true });
  writeFileSync(file, "");
  return {
    file,
    text: () => text,
    write: (chunk) => {
      text += chunk;
      appendFileSync(file, chunk);
    },
  };
}

/**
 * A hash of the names and contents of files; folders count with everything below them.
 * @param {readonly string[]} paths
 */
export async function hashFiles(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of (await filesBelow(path)).toSorted()) {
      hash.update(`${relative(root, file)}\0`);
      hash.update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

/**
 * @param {string} path
 * @returns {Promise<string[]>}
 */
async function filesBelow(path) {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    return isCode(error, "ENOTDIR") ? [path] : [];
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
export function isCode(error, code) {
  return error instanceof Error && "code" in error && error.code === code;
}
