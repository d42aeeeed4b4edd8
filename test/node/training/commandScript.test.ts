import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { planTypedCommand } from "../../../src/node/training/cli/commandScript.ts";
import { makeWorkspace } from "../../support/runFixtures.ts";

const SCRIPT = `#!/usr/bin/env python3
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--output-dir", default="checkpoints")
parser.add_argument("--log-dir", default="tb")
parser.parse_args()
`;
const FLOW = `
from metaflow import FlowSpec, step
class Tiny(FlowSpec):
    @step
    def start(self):
        self.next(self.end)
    @step
    def end(self):
        pass
if __name__ == "__main__":
    Tiny()
`;

async function makeScripts(context: TestContext): Promise<string> {
  const root = await makeWorkspace(context);
  await mkdir(join(root, "pkg"));
  await writeFile(join(root, "train.py"), SCRIPT);
  await writeFile(join(root, "pkg/train.py"), SCRIPT);
  await writeFile(join(root, "flow.py"), FLOW);
  await writeFile(join(root, "torchrun"), "#!/opt/env/bin/python3.11\nimport sys\n");
  await writeFile(join(root, "go"), "#!/bin/sh\npython3 train.py\n");
  await Promise.all(["torchrun", "go"].map((name) => chmod(join(root, name), 0o755)));
  return root;
}

test("a typed command says where its script saves and logs, whoever starts it", async (context) => {
  const root = await makeScripts(context);
  const check = async (command: string, expected: readonly (string | undefined)[]) => {
    const {
      checkpointFolder,
      logFolder,
      script,
      kind,
      command: words,
    } = await planTypedCommand(command.split(" "), root);
    const said = [checkpointFolder?.path, logFolder?.path, script];
    assert.deepEqual([...said.map((path) => path?.replace(`${root}/`, "")), kind], expected, command);
    assert.equal(words.slice(1).join(" "), command.split(" ").slice(1).join(" "), "what runs is what was typed");
  };
  await check("python3 train.py", ["checkpoints", "tb", "train.py", "training"]);
  await check("python3 train.py --output-dir /data/a", ["/data/a", "tb", "train.py", "training"]);
  await check("./torchrun --nproc-per-node 2 train.py --log-dir x", ["checkpoints", "x", "train.py", "training"]);
  await check("python3 -m pkg.train", ["checkpoints", "tb", "pkg/train.py", "training"]);
  await check("./train.py --log-dir y", ["checkpoints", "y", "train.py", "training"]);
  await check("python3 flow.py run", [undefined, undefined, "flow.py", "flow"]);
  await check("python3 missing.py", [undefined, undefined, "missing.py", "training"]);
  await check("python3 -m json.tool", [undefined, undefined, "json.tool", "training"]);
  await check("python3 -m pkg.train --config configs/a.py", ["checkpoints", "tb", "pkg/train.py", "training"]);
  await check("./torchrun --nproc-per-node 2 -m pkg.train a.py", ["checkpoints", "tb", "pkg/train.py", "training"]);
  await check("python3 -m torch.distributed.run train.py", ["checkpoints", "tb", "train.py", "training"]);
  await check("bash go.sh train.py 8", [undefined, undefined, "bash", "training"]);
  await check("./go", [undefined, undefined, "go", "training"]);
});

test("a typed command says what its script was given and takes by default, for its receipt", async (context) => {
  const plan = await planTypedCommand(["python3", "train.py", "--output-dir", "a b"], await makeScripts(context));
  assert.deepEqual(plan.arguments, [
    { flag: "--output-dir", value: "a b", source: "given", default: "checkpoints" },
    { flag: "--log-dir", value: "tb", source: "default" },
  ]);
});

test("an interpreter that is typed by its name is recorded by its path and its version", async (context) => {
  const { interpreter, command } = await planTypedCommand(["python3", "x.py"], await makeScripts(context));
  assert.match(interpreter.path, /^\/.*\/python3$/);
  assert.match(interpreter.version ?? "", /^3\.\d+\.\d+$/);
  assert.equal(command[0], "python3", "it runs as it was typed");
});

test("behind a shim that goes by a variable of the command, the Python that will run is recorded", async (context) => {
  const root = await makeScripts(context);
  const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  const shim = join(root, "shims/python");
  await mkdir(join(root, "shims"));
  await writeFile(shim, `#!/bin/sh\n[ "$CHOSEN" = yes ] && exec "${python}" "$@"\nexit 1\n`);
  await chmod(shim, 0o755);
  const words = ["CHOSEN=yes", `PATH=${join(root, "shims")}`, "python", "train.py"];
  const { interpreter } = await planTypedCommand(words, root);
  assert.equal(interpreter.path, python);
  assert.match(interpreter.version ?? "", /^3\./);
});

test("the interpreter of a launcher is the one that its first line names", async (context) => {
  const root = await makeScripts(context);
  const check = async (command: string, expected: string) =>
    assert.equal((await planTypedCommand(command.split(" "), root)).interpreter.path, expected);
  await check(`${root}/python3 train.py`, `${root}/python3`);
  await check("./torchrun train.py", "/opt/env/bin/python3.11");
  await check("./train.py", "python3");
  await check("./go", join(root, "go"));
  await check("no-such-program", "no-such-program");
});
