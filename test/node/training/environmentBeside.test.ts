import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { hasModule } from "../../../src/node/training/environmentBeside.ts";
import { explainEnd } from "../../../src/node/training/explainEnd.ts";
import { buildPlan, makeWorkspace } from "../../support/runFixtures.ts";

/** What is said of a module that the run lacks, where the given folder has an environment whose Python tells that it ran. */
async function adviseBeside(context: TestContext, module: string, environmentAbove: string) {
  const outside = await makeWorkspace(context);
  const root = join(outside, "work");
  const cwd = join(root, "project");
  const environment = join(outside, environmentAbove, ".venv");
  const python = join(environment, "bin", "python");
  await mkdir(cwd, { recursive: true });
  await mkdir(dirname(python), { recursive: true });
  await writeFile(python, `#!/bin/sh\ntouch ${join(outside, "started")}\nexec python3 "$@"\n`, { mode: 0o755 });
  const packages = join(environment, "lib", "python3.12", "site-packages");
  await mkdir(join(packages, "only_there"), { recursive: true });
  await writeFile(join(packages, "compiled.cpython-312-x86_64-linux-gnu.so"), "");
  const folder = join(root, ".trainyard", "runs", "demo");
  const lines = [{ line: 1, text: `ModuleNotFoundError: No module named '${module}'` }];
  const plan = buildPlan(cwd, ["python3", join(cwd, "train.py")]);
  const found = await explainEnd(lines, { folder, plan, state: "failed", status: { exitCode: 1 } });
  assert.ok(!existsSync(join(outside, "started")), "nothing is started to look at it");
  return found?.cause;
}

test("the environment with a package that a run lacks is one of the workspace, and is not started to be looked at", async (context) => {
  for (const module of ["only_there", "compiled"]) {
    assert.equal(await adviseBeside(context, module, "work"), "other-environment", module);
    assert.equal(await adviseBeside(context, module, "."), "missing-package", `${module} outside of the workspace`);
  }
});

test("a part that a package lacks is not said to be in an environment that has the package", async (context) => {
  assert.equal(await adviseBeside(context, "only_there.part", "work"), "missing-package");
});

test("of several Pythons in one folder each has its own packages", async (context) => {
  const prefix = await makeWorkspace(context);
  for (const version of ["python3.11", "python3.12"]) {
    await mkdir(join(prefix, "lib", version, "site-packages"), { recursive: true });
    await mkdir(join(prefix, "bin"), { recursive: true });
    await writeFile(join(prefix, "bin", version), "");
  }
  await mkdir(join(prefix, "lib", "python3.11", "site-packages", "foolib"));
  await symlink("python3.12", join(prefix, "bin", "python3"));
  await writeFile(join(prefix, "bin", "python"), "#!/bin/sh\n");
  const has = (name: string) => hasModule(join(prefix, "bin", name), "foolib");
  assert.deepEqual(await Promise.all(["python3.11", "python3.12", "python3", "python"].map(has)), [
    true,
    false,
    false,
    // Which of them a script starts is not known.
    false,
  ]);
});
