// npm run test:owners: checks what Trainyard reads against the packages that write it, installed for real.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { glob } from "./glob.mjs";
import { hostFolder, pinnedNode, root } from "./paths.mjs";
import { npmPackages } from "./setup/npmPackages.mjs";
import { pythonEnvironment, pythonOf } from "./setup/pythonEnvironment.mjs";
import { setUp } from "./setup.mjs";
import { NEVER_FOREVER } from "./testLimits.mjs";

const environment = join(hostFolder, "owners-venv");

await setUp([
  npmPackages,
  pythonEnvironment({
    name: "owners-python",
    title: "Python environment of the owners' packages",
    hint: "one to five minutes the first time",
    folder: environment,
    requirements: join(root, "test", "owners", "requirements.txt"),
  }),
]);

const files = await glob("test/owners", [/\.test\.ts$/]);
process.exitCode = await new Promise((resolve) => {
  const child = spawn(pinnedNode, ["--test", ...NEVER_FOREVER, ...files], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, TRAINYARD_OWNERS_PYTHON: pythonOf(environment) },
  });
  child.once("error", () => resolve(1));
  child.once("exit", (code) => resolve(code ?? 1));
});
