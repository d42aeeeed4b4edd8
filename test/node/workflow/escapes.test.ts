import assert from "node:assert/strict";
import { link, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { filesInDocument } from "../../../src/core/workflow/filesInDocument.ts";
import { planAgentWrite, writeForAgent } from "../../../src/node/workflow/agentWrite.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openBench } from "../../support/workflowFolder.ts";
import { AT, shippedWorkflow, WRITER } from "../../support/workflows.ts";

/*
 * How a writer at work, who may write, could get out of the project by a name, a link, or a moment in which nobody looks.
 */

async function openWriter(context: TestContext) {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, shippedWorkflow("ml-development"));
  await bench.finishUntil(({ phases }) => phases[6]?.tasks["model-plan"]?.kind === "done");
  await bench.apply({ kind: "task-started", task: "model-code" }, WRITER);
  const place = { store: bench.store, id: "w-1", workspaceFolder: workspace, at: AT };
  const write = (path: string, earlier?: string) =>
    writeForAgent(place, { agent: WRITER.name, path, content: "x = 1\n" }, { earlier });
  return { workspace, bench, write };
}

const NAMES: Readonly<Record<string, string>> = {
  "backslashes of Windows lead into a closed folder": ".git\\hooks\\pre-commit",
  "backslashes lead upwards": "src\\..\\..\\outside.py",
  "steps upwards in the middle": "src/./../../outside.py",
  "doubled slashes upwards": "..//..//outside.py",
  "a drive of Windows": "C:\\Windows\\evil.py",
  "a share of Windows": "\\\\server\\share\\evil.py",
  "an address": "file:///etc/passwd",
  "a home folder": "~/.bashrc",
  "an invisible mark within a name": ".git\u034f/config",
  "a variation mark behind a name": ".git\ufe0f/config",
  "wide letters": ".\uff47\uff49\uff54/config",
  "an i without its dot": ".g\u0131t/config",
  "a sharp s for two": ".\u00dfh/config",
  "a Kelvin sign for a k": ".hus\u212ay/pre-commit",
  "text that runs backwards": "gpj.\u202egnp.py",
  "a line feed": "model.py\n.git/config",
  "a NUL": "model.py\0.txt",
  "a dot at the end, which Windows drops": ".vscode./tasks.json",
  "a blank at the end, which Windows drops": ".vscode /tasks.json",
  "a stream of NTFS": "model.py:.git",
  "a short name of Windows": "VSCODE~1/tasks.json",
  "a device of Windows": "NUL",
  "a device of Windows with an ending": "src/aux.py",
  "a numbered device of Windows": "COM1.txt",
  "a name that is too long": `${"a".repeat(300)}.py`,
  "a path that is too long": `${"d/".repeat(3_000)}x.py`,
  "the folder itself": "src/..",
  "what runs before every Python": "sitecustomize.py",
};

test("no name leads a writer out of the project or to a closed place, and each leaves its line", async (context) => {
  const { workspace, bench, write } = await openWriter(context);
  for (const [attempt, path] of Object.entries(NAMES)) {
    const before = await bench.read();
    const plan = await planAgentWrite(workspace, path, before.files);
    assert.ok("refusal" in plan, attempt);
    await assert.rejects(write(path), { name: "UserError" }, attempt);
    const after = await bench.read();
    assert.deepEqual([after.files, after.refusals], [before.files, before.refusals + 1], attempt);
  }
});

test("a file that lies in two places by a hard link changes in one of them", async (context) => {
  const { workspace, bench, write } = await openWriter(context);
  const outside = temporaryFolder(context);
  await mkdir(join(workspace, ".git"));
  await writeFile(join(workspace, ".git", "config"), "[core]\n");
  await writeFile(join(outside, "profile"), "export PATH\n");
  for (const closed of [join(workspace, ".git", "config"), join(outside, "profile"), bench.journal]) {
    const text = await readFile(closed, "utf8");
    await link(closed, join(workspace, "notes.txt"));
    await write("notes.txt", text);
    const held = await readFile(closed, "utf8");
    // The journal has its line about the write.
    assert.equal(held.slice(0, text.length), text, closed);
    assert.equal(await readFile(join(workspace, "notes.txt"), "utf8"), "x = 1\n", closed);
    await rm(join(workspace, "notes.txt"));
  }
});

test("what becomes a link after the question was answered is not followed", async (context) => {
  const { workspace, bench, write } = await openWriter(context);
  const outside = temporaryFolder(context);
  await mkdir(join(workspace, "src"));
  await writeFile(join(workspace, "src", "model.py"), "a = 1\n");
  await writeFile(join(outside, "model.py"), "a = 1\n");
  await rename(join(workspace, "src"), join(workspace, "kept"));
  await symlink(outside, join(workspace, "src"));
  await assert.rejects(write("src/model.py", "a = 1\n"), /lies outside the workspace folder/);
  await symlink(join(outside, "model.py"), join(workspace, "kept", "linked.py"));
  await assert.rejects(write("kept/linked.py", "a = 1\n"), /outside|is a link/);
  await rm(join(workspace, "src"));
  await symlink(".trainyard", join(workspace, "src"));
  await assert.rejects(write("src/workflows/w-1/journal.jsonl"), /do not write to/);
  assert.equal(await readFile(join(outside, "model.py"), "utf8"), "a = 1\n");
  assert.deepEqual((await bench.read()).files, {});
});

test("names that every JavaScript object has are names of files like others", async (context) => {
  const { workspace, bench, write } = await openWriter(context);
  for (const path of ["__proto__", "constructor", "toString"]) {
    await writeFile(join(workspace, path), "mine\n");
    const plan = await planAgentWrite(workspace, path, (await bench.read()).files);
    assert.deepEqual(plan, { earlier: "mine\n", isOfPerson: true }, path);
    await write(path, "mine\n");
    const { files } = await bench.read();
    assert.ok(Object.hasOwn(files, path), path);
    assert.deepEqual(await planAgentWrite(workspace, path, files), { earlier: "x = 1\n", isOfPerson: false }, path);
  }
  assert.equal(Object.getPrototypeOf((await bench.read()).files), Object.prototype);
});

const pathsIn = (path: string) => filesInDocument(`\`${path}\`\n\n\`\`\`\nx\n\`\`\`\n`).map((file) => file.path);

test("files that stand in a document are laid down below the deliverables, and make no repository there", () => {
  for (const path of [
    "../../journal.jsonl",
    "a/../../../journal.jsonl",
    "/etc/passwd",
    "~/.bashrc",
    "C:/evil",
    "a\\..\\..\\b",
    ".git/config",
    "app/.GIT/hooks/pre-commit",
    "HEAD",
    "app/head",
    "./x",
    "a//b",
    "a/\u2024\u2024/b",
  ]) {
    assert.deepEqual(pathsIn(path), [], path);
  }
  for (const path of [".github/workflows/ci.yml", "src/head/model.py", "k8s/HEAD.yaml"]) {
    assert.deepEqual(pathsIn(path), [path]);
  }
});
