import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { exportDossier } from "../../../src/node/workflow/exportDossier.ts";
import { takeTaskLease } from "../../../src/node/workflow/taskLease.ts";
import { readCapsule, readWorkflowFiles } from "../../../src/node/workflow/workflowFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { openBench, type WorkflowBench } from "../../support/workflowFolder.ts";
import { AT, shippedWorkflow, workflowText } from "../../support/workflows.ts";

/*
 * What no program writes in the place of a file of a workflow, and a workspace may bring. Whoever opens a named pipe as a
 * file waits for its other end, for ever if need be.
 */

const pipeline = shippedWorkflow("mlops-pipeline");
const DOCUMENT = "documents/01-data-and-requirements.md";

type Kind = { name: string; put: (context: TestContext, path: string) => Promise<unknown> };

const KINDS: readonly Kind[] = [
  { name: "a named pipe", put: (_context, path) => Promise.resolve(execFileSync("mkfifo", [path])) },
  { name: "a folder", put: (_context, path) => mkdir(path) },
  {
    name: "a socket",
    put: (context, path) =>
      new Promise<void>((resolve) => {
        const server = createServer().listen(path, resolve);
        context.after(() => server.close());
      }),
  },
];

type Act = (bench: WorkflowBench, path: string, kind: string) => Promise<unknown>;

/** Puts each kind in the place of a file of a workflow that is under way. */
async function withEach(context: TestContext, name: string, act: Act): Promise<void> {
  for (const kind of KINDS) {
    const bench = await openBench(temporaryFolder(context), pipeline);
    await bench.finishUntil(({ current }) => current === 1);
    const path = join(bench.folder, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(dirname(path), { recursive: true });
    await kind.put(context, path);
    await act(bench, path, kind.name);
  }
}

test("lines that do not hold stay in the journal until there is a file to keep them", (context) =>
  withEach(context, "journal.rejected.jsonl", async (bench, path, kind) => {
    const before = await readFile(bench.journal, "utf8");
    await appendFile(bench.journal, "echo owned\n");
    await assert.rejects(bench.read(), /In the place of .*journal\.rejected\.jsonl there is no file, but/, kind);
    assert.equal(await readFile(bench.journal, "utf8"), `${before}echo owned\n`, kind);
    await rm(path, { recursive: true });
    assert.equal((await bench.read()).refusals, 1, kind);
    assert.equal(await readFile(path, "utf8"), "echo owned\n", kind);
  }));

test("what is no lease is told at once, and is not overwritten", (context) =>
  withEach(context, "leases/data-engineer.json", async (bench, path, kind) => {
    await assert.rejects(takeTaskLease(bench.folder, "data-engineer"), /In the place of .*data-engineer\.json/, kind);
    await rm(path, { recursive: true });
    await (await takeTaskLease(bench.folder, "data-engineer"))?.release();
  }));

test("what is no document counts as missing, also for the dossier", (context) =>
  withEach(context, DOCUMENT, async (bench, _path, kind) => {
    const state = await bench.read();
    assert.equal(state.documents[DOCUMENT], "missing", kind);
    const { missing } = await exportDossier(bench.folder, state);
    assert.deepEqual(
      missing.map(({ document }) => document),
      [DOCUMENT],
      kind,
    );
  }));

test("a lock that is none keeps nobody out for ever, and a folder in its place is named", (context) =>
  withEach(context, "journal.jsonl.lock", async (bench, path, kind) => {
    await utimes(path, 1_000, 1_000);
    if (kind === "a folder") {
      await assert.rejects(bench.apply({ kind: "stopped" }), /In the place of .*journal\.jsonl\.lock there is no file/);
      await rm(path, { recursive: true });
    }
    assert.equal((await bench.apply({ kind: "stopped" })).refusal, undefined, kind);
  }));

test("what is no journal is told at once, and the rest can be set aside", (context) =>
  withEach(context, "journal.jsonl", async (bench, _path, kind) => {
    await assert.rejects(bench.read(), { message: /^In place of the journal of w-1 there is a folder, or/ }, kind);
    assert.equal((await bench.store.list(AT)).unreadable[0]?.isBroken, true, kind);
    assert.ok((await stat(await bench.store.setAside("w-1"))).isDirectory(), kind);
  }));

test("a workflow file or a capsule that is no file is told at once, and hides no other", async (context) => {
  for (const { name, put } of KINDS) {
    const workspace = temporaryFolder(context);
    await writeFile(join(workspace, "good.workflow.yaml"), workflowText("mlops-pipeline"));
    await put(context, join(workspace, "a.workflow.yaml"));
    const files = await readWorkflowFiles([workspace]);
    assert.deepEqual(
      files.map(({ definition, problems }) => definition?.name ?? problems.map(({ message }) => message.slice(0, 15))),
      [["In the place of"], "mlops-pipeline"],
      name,
    );
    await mkdir(join(workspace, ".phase0/capsules/c"), { recursive: true });
    await put(context, join(workspace, ".phase0/capsules/c/capsule.yaml"));
    await assert.rejects(readCapsule(workspace, "c"), { name: "UserError", message: /there is no file, but/ }, name);
  }
});

test("a lease is written to no file to which a link of the workspace leads", async (context) => {
  const outside = temporaryFolder(context);
  const bench = await openBench(temporaryFolder(context), pipeline);
  const leases = join(bench.folder, "leases");
  await writeFile(join(outside, "settings.json"), "{}");
  await symlink(outside, leases);
  await assert.rejects(takeTaskLease(bench.folder, "settings"), /leads out of the folder of the workflow/);
  await rm(leases);
  await mkdir(leases);
  await symlink(join(outside, "settings.json"), join(leases, "settings.json"));
  await (await takeTaskLease(bench.folder, "settings"))?.release();
  assert.equal(await readFile(join(outside, "settings.json"), "utf8"), "{}");
  assert.deepEqual(await readdir(outside), ["settings.json"]);
});
