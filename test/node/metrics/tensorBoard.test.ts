import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
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

/** Answers as TensorBoard does at the one path that is asked for; gives its port. */
async function serve(context: TestContext, prefix = ""): Promise<number> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === `${prefix}/data/environment` ? 200 : 404).end("{}");
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
  const port = await serve(context, "/tb");
  const notes = await noteOf(folder, { logdir: `${folder}/logs/`, port, pid: 7, path_prefix: "/tb" });
  assert.deepEqual(await findTensorBoard(join(folder, "logs"), notes), { url: `http://127.0.0.1:${port}/tb/`, pid: 7 });
  assert.equal(await findTensorBoard(join(folder, "other"), notes), undefined);
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
  await waitForTensorBoard(tensorBoardUrl(await serve(context)), AbortSignal.timeout(10_000));
  const ended = AbortSignal.abort(new Error("It ended."));
  await assert.rejects(waitForTensorBoard(tensorBoardUrl(await findFreePort()), ended), /It ended/);
});
