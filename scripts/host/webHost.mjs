import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { codeServerEntry, pinnedNode } from "../paths.mjs";

const guard = fileURLToPath(new URL("guard.mjs", import.meta.url));
const ANSWER_TIMEOUT_MS = 60_000;

/** A port of 127.0.0.1 that nothing listens on right now. */
export function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * Starts VS Code's web workbench and resolves once it answers. The host ends with its starter, even when the
 * starter is killed.
 * @param {import("./webHost.mjs").WebHostOptions} options
 * @returns {Promise<import("./webHost.mjs").WebHost>}
 */
export async function startWebHost(options) {
  const port = options.port ?? (await findFreePort());
  await mkdir(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: "a" });
  const child = spawn(pinnedNode, [guard, pinnedNode, codeServerEntry, ...(await hostArguments(options, port))], {
    stdio: ["pipe", "pipe", "pipe"],
    env: hostEnvironment(options.env ?? {}),
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  const address = `http://127.0.0.1:${port}`;
  const host = {
    port,
    address,
    exited,
    stop: async () => {
      child.stdin.destroy();
      await exited;
      log.end();
    },
    kill: async () => {
      await killTree(child.pid);
      await exited;
    },
  };
  const answered = await waitForAnswer(address, exited);
  if (!answered) {
    await host.stop();
    throw new Error(`The VS Code web host did not start. Its output is in ${options.logFile}.`);
  }
  return host;
}

/**
 * @param {import("./webHost.mjs").WebHostOptions} options
 * @param {number} port
 */
async function hostArguments(options, port) {
  // Without a file of its own, code-server reads and creates one in the user's configuration folder.
  const config = join(options.userDataDir, "code-server.yaml");
  await mkdir(options.userDataDir, { recursive: true });
  await (await open(config, "a")).close();
  return [
    "--config",
    config,
    "--auth",
    "none",
    "--bind-addr",
    `127.0.0.1:${port}`,
    "--user-data-dir",
    options.userDataDir,
    "--extensions-dir",
    options.extensionsDir,
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
    ...(options.isTrustAsked === true ? [] : ["--disable-workspace-trust"]),
    ...(options.folder === undefined ? [] : [options.folder]),
  ];
}

/**
 * Variables of a VS Code we may run inside of would make the new host talk to that one.
 * @param {Record<string, string>} extra
 */
function hostEnvironment(extra) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("VSCODE_") && !name.startsWith("ELECTRON_") && name !== "NODE_TEST_CONTEXT",
  );
  return { ...Object.fromEntries(inherited), ...extra };
}

/**
 * @param {string} address
 * @param {Promise<number>} exited
 */
async function waitForAnswer(address, exited) {
  const ended = exited.then(() => "ended");
  const deadline = Date.now() + ANSWER_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await answers(address)) {
      return true;
    }
    if ((await Promise.race([ended, delay(100)])) === "ended") {
      return false;
    }
  }
  return false;
}

/**
 * Whether a web host answers at the address.
 * @param {string} address
 */
export async function answers(address) {
  try {
    const response = await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(2000) });
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Kills the host the hard way, as a crash would: the guard and the group it watches over.
 * @param {number | undefined} guardPid
 */
async function killTree(guardPid) {
  if (guardPid === undefined) {
    return;
  }
  for (const pid of [...(await childrenOf(guardPid)).map((child) => -child), guardPid]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}

/** @param {number} pid */
async function childrenOf(pid) {
  try {
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
