import { spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { findOnPath } from "../host/programs.mjs";
import { pinnedNode } from "../paths.mjs";
import { SetUpError } from "./step.mjs";

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 */

/** Causes that a person can do something about, by what the tools print. */
const KNOWN_CAUSES = [
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|NewConnectionError|ConnectTimeoutError|Temporary failure (in name resolution|resolving)|Could not resolve host|Failed to establish a new connection/i,
    sentence:
      "The package server could not be reached. Connect to the network (or set a proxy or mirror), then try again.",
  },
  {
    pattern: /No matching distribution found|Could not find a version that satisfies/i,
    sentence:
      "The package server offers no package for this Python and this machine. Check the network, pip's index setting and the Python version (3.11 to 3.13 are known to work), then try again.",
  },
  {
    pattern: /ENOSPC|No space left on device/i,
    sentence: "The disk is full. Free some space, then try again.",
  },
  {
    pattern: /EACCES|Permission denied/i,
    sentence: "A file or folder could not be written. Check who owns the repository folder, then try again.",
  },
];

/**
 * Runs a program, everything it prints goes to the log. Refuses when it ends with another code than 0.
 * @param {import("./step.mjs").Log} log
 * @param {readonly [string, ...string[]]} command
 * @param {CommandOptions} [options]
 */
export async function runLogged(log, command, options = {}) {
  const [program, ...parameters] = command;
  log.write(`$ ${command.join(" ")}\n`);
  const start = log.text().length;
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
    const printed = log.text().slice(start);
    const cause = KNOWN_CAUSES.find(({ pattern }) => pattern.test(printed));
    throw cause === undefined
      ? new Error(`${program} ended with code ${code}`)
      : new SetUpError(`${cause.sentence} (while running: ${command.slice(0, 3).join(" ")})`);
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
  const command = `apt-get install -y ${packages.join(" ")}`;
  if (findOnPath(["apt-get"]) === undefined) {
    throw new SetUpError(`${what} is missing. Install it with your system's package manager, then try again.`);
  }
  if (process.getuid?.() !== 0) {
    throw new SetUpError(`${what} is missing. Install it with: sudo ${command}`);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runLogged(log, ["apt-get", "update"], { env });
  await runLogged(log, ["apt-get", "install", "-y", "--no-install-recommends", ...packages], { env });
}
