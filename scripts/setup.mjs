// Sets up what `npm start` and `npm test` need. Running it again is quick and repairs what is missing.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { hostFolder, root, sampleFolder, toolsFolder } from "./paths.mjs";
import { browser } from "./setup/browser.mjs";
import { codeServer } from "./setup/codeServer.mjs";
import { extensionBuild } from "./setup/extensionBuild.mjs";
import { npmPackages } from "./setup/npmPackages.mjs";
import { pythonEnvironment } from "./setup/pythonEnvironment.mjs";
import { takeLock } from "./setup/setupLock.mjs";
import { performSteps, SetUpError } from "./setup/step.mjs";

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
  await mkdir(hostFolder, { recursive: true });
  const unlock = await takeLock(join(hostFolder, "setup.lock"));
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

if (process.argv[1] === import.meta.filename) {
  const purpose = process.argv[2] ?? "web";
  const steps = Object.entries(STEPS).find(([name]) => name === purpose)?.[1];
  if (steps === undefined) {
    process.stderr.write(`Say what for: node scripts/setup.mjs [${Object.keys(STEPS).join("|")}]\n`);
    process.exit(2);
  }
  await setUp(steps);
}
