import { spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { findOnPath } from "../host/programs.mjs";
import { pinnedNode } from "../paths.mjs";
import { findCause } from "./causes.mjs";
import { SetUpError } from "./step.mjs";

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [causesFrom] Where in the log the cause of a failure may stand; absent: in what this command prints.
 */

/**
 * Runs a program, everything it prints goes to the log. Refuses when it ends with another code than 0.
 * @param {import("./step.mjs").Log} log
 * @param {readonly [string, ...string[]]} command
 * @param {CommandOptions} [options]
 */
export async function runLogged(log, command, { causesFrom = log.text().length, ...options } = {}) {
  const [program, ...parameters] = command;
  log.write(`$ ${command.join(" ")}\n`);
  const code = await new Promise((resolve) => {
    const child = spawn(program, parameters, {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    child.stdout.on("data", (chunk) => log.write(String(chunk)));
    child.stderr.on("data", (chunk) => log.write(String(chunk)));
    child.once("error", (error) => {
      log.write(`${error.message}\n`);
      resolve(127);
    });
    child.once("close", resolve);
  });
  if (code !== 0) {
    const cause = findCause(log.text().slice(causesFrom));
    throw cause === undefined
      ? new Error(`${program} ended with code ${code}`)
      : new SetUpError(`${cause} (while running: ${command.slice(0, 3).join(" ")})`);
  }
}

/** Variables for a child that shall find the pinned Node first. */
export function pinnedNodeEnvironment() {
  return { ...process.env, PATH: `${dirname(pinnedNode)}${delimiter}${process.env["PATH"] ?? ""}` };
}

/**
 * Installs Debian packages where this process may; otherwise refuses with the command that does.
 * @param {import("./step.mjs").Log} log
 * @param {string} what
 * @param {readonly string[]} packages
 */
export async function installWithApt(log, what, packages) {
  if (findOnPath(["apt-get"]) === undefined) {
    throw new SetUpError(`${what} is missing. Install it with your system's package manager, then try again.`);
  }
  if (process.getuid?.() !== 0) {
    throw new SetUpError(
      `${what} is missing. Install it with: sudo apt-get update && sudo apt-get install -y ${packages.join(" ")}`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Without a network the update only warns and ends with 0, and the installation says no more than that it finds no package.
  const causesFrom = log.text().length;
  await runLogged(log, ["apt-get", "update"], { env });
  await runLogged(log, ["apt-get", "install", "-y", "--no-install-recommends", ...packages], { env, causesFrom });
}
