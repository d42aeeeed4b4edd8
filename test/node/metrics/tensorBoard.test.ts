import assert from "node:assert/strict";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  findFreePort,
  findTensorBoard,
  tensorBoardUrl,
  tensorBoardWords,
  waitForTensorBoard,
} from "../../../src/node/metrics/tensorBoard.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Answers as a TensorBoard that shows `logs` does at the one path that is asked for; gives its port. */
async function serve(context: TestContext, logs: string, prefix = ""): Promise<number> {
  const server = createServer((request, response) => {
    const isKnown = request.url === `${prefix}/data/environment`;
    response.writeHead(isKnown ? 200 : 404).end(JSON.stringify({ data_location: logs }));
  });
  context.after(() => server.close());
  const port = await findFreePort();
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return port;
}

async function noteOf(folder: string, note: object | string): Promise<string> {
  const notes = join(folder, "notes");
  await mkdir(notes, { recursive: true });
  await writeFile(join(notes, "pid-7.info"), typeof note === "string" ? note : JSON.stringify(note));
  return notes;
}

test("a TensorBoard that shows a folder is found by its note, whoever started it", async (context) => {
  const folder = temporaryFolder(context);
  const port = await serve(context, `${folder}/logs/`, "/tb");
  const notes = await noteOf(folder, { logdir: `${folder}/logs/`, port, pid: 7, path_prefix: "/tb" });
  assert.equal(await findTensorBoard(join(folder, "logs"), notes), `http://127.0.0.1:${port}/tb/`);
  assert.equal(await findTensorBoard(join(folder, "other"), notes), undefined);
});

test("a note that names another host, no process or no port is not believed", async (context) => {
  const folder = temporaryFolder(context);
  const note = { logdir: folder, port: await serve(context, folder), pid: 7, path_prefix: "" };
  const check = async (forged: object, isBelieved: boolean) => {
    const notes = await noteOf(folder, { ...note, ...forged });
    assert.equal((await findTensorBoard(folder, notes)) !== undefined, isBelieved, JSON.stringify(forged));
  };
  await check({}, true);
  await check({ path_prefix: "@127.0.0.1:" }, false);
  await check({ path_prefix: `@127.0.0.1:${note.port}` }, false);
  await check({ path_prefix: "/a?b" }, false);
  await check({ pid: -1 }, false);
  await check({ pid: 1 }, false);
  await check({ port: 0 }, false);
  await check({ port: 70_000 }, false);
});

test("a note that another user wrote, or that is a link, is not believed", async (context) => {
  const folder = temporaryFolder(context);
  const port = await serve(context, folder);
  const notes = await noteOf(folder, { logdir: folder, port, pid: 7, path_prefix: "" });
  assert.ok(await findTensorBoard(folder, notes));
  await rename(join(notes, "pid-7.info"), join(notes, "kept"));
  await symlink("kept", join(notes, "pid-7.info"));
  assert.equal(await findTensorBoard(folder, notes), undefined);
  await rename(join(notes, "kept"), join(notes, "pid-7.info"));
  const { getuid } = process;
  process.getuid = () => 4_242;
  context.after(() => Object.assign(process, { getuid }));
  assert.equal(await findTensorBoard(folder, notes), undefined);
});

test("a note of one that ended is passed over where a TensorBoard of other logs has its port now", async (context) => {
  const folder = temporaryFolder(context);
  const port = await serve(context, join(folder, "other"));
  const notes = await noteOf(folder, { logdir: folder, port, pid: 7, path_prefix: "" });
  assert.equal(await findTensorBoard(folder, notes), undefined);
});

test("a note that nobody answers to, that is broken or missing is passed over", async (context) => {
  const folder = temporaryFolder(context);
  const port = await findFreePort();
  const notes = await noteOf(folder, { logdir: folder, port, pid: 7, path_prefix: "" });
  assert.equal(await findTensorBoard(folder, notes), undefined);
  await noteOf(folder, "{");
  assert.equal(await findTensorBoard(folder, notes), undefined);
  assert.equal(await findTensorBoard(folder, join(folder, "none")), undefined);
});

test("a new one listens on the loopback interface alone, and is waited for until it answers or will not", async (context) => {
  const words = "-m tensorboard.main --logdir /w/logs --host 127.0.0.1 --port 6007";
  assert.equal(tensorBoardWords("/w/logs", 6_007).join(" "), words);
  await waitForTensorBoard(tensorBoardUrl(await serve(context, "/w/logs")), AbortSignal.timeout(10_000));
  const ended = AbortSignal.abort(new Error("It ended."));
  await assert.rejects(waitForTensorBoard(tensorBoardUrl(await findFreePort()), ended), /It ended/);
});
