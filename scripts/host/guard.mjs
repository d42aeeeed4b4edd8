// Runs a command in a process group of its own and ends the whole group when the starter goes away, however it
// goes: the starter holds the other end of standard input, which closes even when the starter is killed.
//
//   node guard.mjs COMMAND ARGUMENT...
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const GRACE_MS = 3000;
const [command = "", ...commandArguments] = process.argv.slice(2);
const child = spawn(command, commandArguments, { stdio: ["ignore", "inherit", "inherit"], detached: true });
const exited = new Promise((resolve) => {
  child.once("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    resolve(127);
  });
  child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGTERM" ? 0 : 1)));
});

/** @param {NodeJS.Signals} signal */
function signalGroup(signal) {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

async function endGroup() {
  signalGroup("SIGTERM");
  await Promise.race([exited, delay(GRACE_MS)]);
  signalGroup("SIGKILL");
}

process.stdin.resume();
process.stdin.once("close", endGroup);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, endGroup);
}
const code = await exited;
// What the command left behind in its group (extension hosts, terminals' hosts) ends with it.
signalGroup("SIGKILL");
process.exit(code);
