import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { renderRunStatus } from "../../../src/core/training/runRecord.ts";
import { findRunToRead } from "../../../src/node/training/cli/runToRead.ts";
import { namedRuns } from "../../../src/node/training/namedRuns.ts";
import { createRun, findRun } from "../../../src/node/training/runLedger.ts";
import { buildRun } from "../../support/runBuilder.ts";
import { buildPlan, makeWorkspace, testReceipt } from "../../support/runFixtures.ts";

/** Runs of one name, oldest first: one that ended, and one that could not be started. */
async function makeRuns(context: TestContext) {
  const root = await makeWorkspace(context);
  const create = async (status: ReturnType<typeof buildRun>["status"] | undefined) => {
    const folder = await createRun(root, buildPlan(root, ["python3"], { title: "mnist" }), testReceipt);
    if (status !== undefined) {
      await writeFile(join(folder, "status.json"), renderRunStatus(status));
    }
    return folder;
  };
  const { startedAt: _none, ...neverStarted } = buildRun("failed").status;
  const folders = [await create(buildRun("finished").status), await create(neverStarted)] as const;
  return { root, folders, create };
}

/** What is written to standard error meanwhile. */
async function heard<T>(context: TestContext, work: () => Promise<T>): Promise<[T, string]> {
  const write = context.mock.method(process.stderr, "write", () => true);
  const result = await work();
  const said = write.mock.calls.map(({ arguments: [text] }) => String(text)).join("");
  write.mock.restore();
  return [result, said];
}

test("of several runs that are called so the newest is read, and standard error says which", async (context) => {
  const { root, folders } = await makeRuns(context);
  const [finished, failed] = folders;
  const [newest, said] = await heard(context, () => findRunToRead(root, "mnist"));
  assert.equal(newest, failed);
  assert.equal(
    said,
    `trainyard: 2 runs are called mnist; this is ${basename(failed)}, the newest. For another one write its id.\n`,
  );
  const [byId, nothing] = await heard(context, () => findRunToRead(root, basename(finished)));
  assert.deepEqual([byId, nothing], [finished, ""]);
  await assert.rejects(findRunToRead(root, "20"), /20 could be any of 2 runs: .*Write more of it\./);
  await assert.rejects(findRun(root, "mnist"), /mnist could be any of 2 runs: .*Write the id of one\./);
});

test("the only one that has not ended is read before a newer one that has", async (context) => {
  const { root, create } = await makeRuns(context);
  const live = await create(undefined);
  await create(buildRun("finished").status);
  const [folder, said] = await heard(context, () => findRunToRead(root, "mnist"));
  assert.equal(folder, live);
  assert.match(said, /4 runs are called mnist; this is \S+, the only one that has not ended\./);
});

test("metrics are those of a run by its name too, and of one that has values", async (context) => {
  const { root, folders } = await makeRuns(context);
  const [finished] = folders;
  const [runs, said] = await heard(context, () => namedRuns(root, "mnist"));
  assert.deepEqual(
    runs?.map((run) => run.folder),
    [finished],
  );
  assert.match(said, /the newest that started\./);
  assert.equal(await namedRuns(root, "nothing"), undefined);
});
