import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { listRunNames } from "../../../src/node/training/runLedger.ts";
import { check } from "../../support/cliCalls.ts";
import { cliPath, makeWorkspace } from "../../support/runFixtures.ts";

test("a script that the system cannot start is not said to be missing", async (context) => {
  const root = await makeWorkspace(context);
  await writeFile(join(root, "windows.sh"), "#!/bin/sh\r\necho hi\r\n", { mode: 0o755 });
  await check(
    root,
    ["run", "--", "./windows.sh"],
    127,
    /windows\.sh has the line ends of Windows.* sed -i 's\/\\r\$\/\/' \S+windows\.sh$/m,
  );
  await writeFile(join(root, "other.sh"), "#!/no/such/python -u\n", { mode: 0o755 });
  await check(
    root,
    ["run", "--", "./other.sh"],
    127,
    /The first line of \S+other\.sh names \/no\/such\/python, which is not there/,
  );
  await check(
    root,
    ["run", "--", "other.sh", "1"],
    127,
    /other\.sh is not on the PATH; .* Start that one: \.\/other\.sh 1$/m,
  );
  await writeFile(join(root, "plain.sh"), "echo hi\n", { mode: 0o644 });
  await check(
    root,
    ["run", "--", "./plain.sh"],
    127,
    /plain\.sh may not be executed\. .*bash plain\.sh.*chmod \+x plain\.sh$/m,
  );
  await writeFile(join(root, "z.sh"), "#!/usr/bin/env -S zsh -e\nsetopt extendedglob\n", { mode: 0o644 });
  await check(root, ["run", "--", "./z.sh"], 127, /Start it with its shell \(zsh -e z\.sh\)/);
});

test("a folder by the name of a program is not offered in its place", async (context) => {
  const root = await makeWorkspace(context);
  for (const name of ["python3.99", "sweeper"]) {
    await mkdir(join(root, name));
  }
  await check(root, ["run", "--", "python3.99", "train.py"], 127, /was not found\. Select an interpreter that exists/);
  await check(root, ["run", "--", "sweeper", "train.py"], 127, /was not found\. Check how it is spelled/);
  await writeFile(join(root, "python3.98"), "", { mode: 0o755 });
  await check(root, ["run", "--", "python3.98", "train.py"], 127, /was not found\. Select an interpreter that exists/);
});

test("who stands in a folder of the workspace is told where its runs are", async (context) => {
  const root = await makeWorkspace(context);
  const inside = join(root, "sub");
  await mkdir(inside);
  assert.doesNotMatch(await check(inside, ["runs"], 0, /There are no runs in/), /--folder/);
  await check(root, ["run", "--", "true"], 0, /finished/);
  const said = `Those of ${root} are listed with --folder ${root}.`;
  assert.ok((await check(inside, ["runs"], 0, /There are no runs in/)).includes(said));
  assert.ok((await check(inside, ["stop", "latest"], 1, /There are no runs in/)).includes(said));
});

test("in a folder of a repository the runs are those of the workspace above, and files those of the folder", async (context) => {
  const root = await makeWorkspace(context);
  const inside = join(root, "src", "proj");
  await mkdir(inside, { recursive: true });
  await mkdir(join(root, ".git"));
  await mkdir(join(root, ".trainyard"));
  const started = await check(
    inside,
    ["run", "--", "sh", "-c", "pwd; echo ValueError: x >&2; exit 3"],
    3,
    /It is one of the runs of/,
  );
  assert.ok(started.includes(`\n${inside}\n`), "it runs in the current folder");
  const [id = ""] = await listRunNames(root);
  assert.ok((await check(inside, ["runs"], 0, /failed after/)).startsWith(id));
  await check(inside, ["stop", "latest"], 1, /has ended already/);
  await check(inside, ["runs", "--folder", "."], 0, /There are no runs in/);
  await writeFile(join(inside, "old.log"), "Traceback (most recent call last):\nKeyError: 'x'\n");
  await check(inside, ["diagnose", "old.log"], 0, /KeyError/);
});

test("a terminal in a folder that was removed is told so", async (context) => {
  const folder = join(await makeWorkspace(context), "gone");
  await mkdir(folder);
  const inside = 'cd "$1" && rmdir "$1" && exec "$2" "$3" runs';
  const { status, stderr } = spawnSync("sh", ["-c", inside, "sh", folder, process.execPath, cliPath], {
    encoding: "utf8",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^trainyard: The folder of this terminal was removed\. Change to another one, then try again\.\n$/,
  );
});
