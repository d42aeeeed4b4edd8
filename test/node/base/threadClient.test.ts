import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ThreadClient } from "../../../src/node/base/threadClient.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Echoes a text; fails at "boom" and never answers to "silence". */
const WORKER = `
import { parentPort } from "node:worker_threads";
parentPort.on("message", ({ id, text }) => {
  if (text === "boom") {
    throw new Error("boom");
  }
  if (text !== "silence") {
    parentPort.postMessage({ id, text });
  }
});
`;

type Message = { id: number; text: string };

function makeClient(context: TestContext): ThreadClient<Message, Message> {
  const path = join(temporaryFolder(context), "worker.mjs");
  writeFileSync(path, WORKER);
  const client = new ThreadClient<Message, Message>(path, {}, "The thread ended.");
  context.after(() => client[Symbol.dispose]());
  return client;
}

test("a question that is asked at once after a failure is answered by another worker", async (context) => {
  const client = makeClient(context);
  for (let round = 0; round < 5; round += 1) {
    const failed = client.ask({ text: "boom" });
    const after = failed.catch(() => client.ask({ text: "again" }));
    await assert.rejects(failed, /boom/);
    assert.equal((await after).text, "again");
  }
});

test("a question that has no answer yet is refused when the client is disposed", async (context) => {
  const client = makeClient(context);
  assert.equal((await client.ask({ text: "first" })).text, "first");
  const open = client.ask({ text: "silence" });
  client[Symbol.dispose]();
  await assert.rejects(open, /^UserError: The thread ended\./);
});
