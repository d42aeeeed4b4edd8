import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../scripts/paths.mjs";
import { waitFor } from "./support/poll.ts";

const guard = join(root, "scripts", "host", "guard.mjs");
/** Prints its own process id and that of a child, and stays. */
const family = `
  const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  process.stdout.write(process.pid + " " + child.pid);
  setInterval(() => {}, 1000);`;

test("the host and its children end when their starter is killed", async () => {
  const starter = `
    require("node:child_process").spawn(process.execPath, ${JSON.stringify([guard, process.execPath, "-e", family])}, {
      stdio: ["pipe", "inherit", "inherit"],
    });`;
  const starterProcess = spawn(process.execPath, ["-e", starter], { stdio: ["ignore", "pipe", "inherit"] });
  const [printed] = await once(starterProcess.stdout, "data");
  const pids = String(printed).split(" ").map(Number);
  starterProcess.kill("SIGKILL");
  await waitFor("the end of the family", () => pids.every((pid) => !isRunning(pid)));
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
