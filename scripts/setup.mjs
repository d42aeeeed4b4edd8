// Sets up what `npm start` and `npm test` need. Running it again is quick and repairs what is missing.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { hostFolder, root, sampleFolder, toolsFolder } from "./paths.mjs";
import { browser } from "./setup/browser.mjs";
import { codeServer } from "./setup/codeServer.mjs";
import { extensionBuild } from "./setup/extensionBuild.mjs";
import { npmPackages } from "./setup/npmPackages.mjs";
import { pythonEnvironment } from "./setup/pythonEnvironment.mjs";
import { isCode, performSteps, SetUpError } from "./setup/step.mjs";

const samplePython = pythonEnvironment({
  name: "sample-python",
  title: "Python environment of examples/digits",
  hint: "one to five minutes the first time",
  folder: join(sampleFolder, ".venv"),
  requirements: join(sampleFolder, "requirements.txt"),
});

/** `uvx`, which starts the MCP servers that are written in Python, and pytest. */
const toolPrograms = pythonEnvironment({
  name: "tool-programs",
  title: "Programs that the tests start",
  hint: "a few seconds",
  folder: toolsFolder,
  requirements: join(root, "test", "support", "tools-requirements.txt"),
});

/** What each purpose needs, in the order in which it is set up. */
export const STEPS = {
  check: [npmPackages],
  desktop: [npmPackages, extensionBuild, samplePython],
  unit: [npmPackages, extensionBuild, samplePython, toolPrograms],
  web: [npmPackages, extensionBuild, samplePython, codeServer],
  test: [npmPackages, extensionBuild, samplePython, codeServer, browser, toolPrograms],
};

/**
 * Performs the steps while no other set-up does. A person who is told why it failed needs no stack: the process ends here.
 * @param {readonly import("./setup/step.mjs").Step[]} steps
 */
export async function setUp(steps) {
  const unlock = await lock();
  try {
    await performSteps(steps);
  } catch (error) {
    if (!(error instanceof SetUpError)) {
      throw error;
    }
    process.stderr.write(`\nThe set-up stopped. ${error.message}\n`);
    await unlock();
    process.exit(1);
  }
  await unlock();
}

/** Waits for a set-up of another process; a lock whose owner is gone does not count. */
async function lock() {
  const file = join(hostFolder, "setup.lock");
  await mkdir(hostFolder, { recursive: true });
  for (let isFirst = true; ; isFirst = false) {
    try {
      await writeFile(file, String(process.pid), { flag: "wx" });
      return () => rm(file, { force: true });
    } catch (error) {
      if (!isCode(error, "EEXIST")) {
        throw error;
      }
    }
    const owner = Number(await readFile(file, "utf8").catch(() => "0"));
    if (!isRunning(owner)) {
      await rm(file, { force: true });
    } else {
      if (isFirst) {
        process.stdout.write(`Another set-up is running (process ${owner}); waiting for it.\n`);
      }
      await delay(500);
    }
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

if (process.argv[1] === import.meta.filename) {
  const purpose = process.argv[2] ?? "web";
  const steps = Object.entries(STEPS).find(([name]) => name === purpose)?.[1];
  if (steps === undefined) {
    process.stderr.write(`Say what for: node scripts/setup.mjs [${Object.keys(STEPS).join("|")}]\n`);
    process.exit(2);
  }
  await setUp(steps);
}
