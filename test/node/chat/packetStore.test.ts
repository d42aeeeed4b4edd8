import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { createPacketStore } from "../../../src/node/chat/packetStore.ts";

const content = { from: "ml-trainer", to: "mlops-engineer", prompt: "Please deploy.", summary: "It trained." };

async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

function idsFrom(...ids: string[]) {
  return { now: () => new Date(0), newId: () => ids.shift() ?? "none0" };
}

test("a packet is read as it was written, and nothing else is left in the folder", async (context) => {
  const folder = join(await temporaryFolder(context), "handoffs");
  const store = createPacketStore(folder);
  const { packet, path } = await store.write(content, { metrics: { acc: 0.9, bad: Number.NaN } });
  assert.deepEqual(await store.read(packet.id), { kind: "read", packet });
  assert.deepEqual([packet.goal, packet.summary, packet.metrics], ["Please deploy.", "It trained.", { acc: 0.9 }]);
  assert.deepEqual(await readdir(folder), [`${packet.id}.json`]);
  assert.equal(path, join(folder, `${packet.id}.json`));
});

test("a packet never replaces another one", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "taken1.json"), "mine");
  const { packet } = await createPacketStore(folder, idsFrom("taken1", "free22")).write(content, {});
  assert.equal(packet.id, "free22");
  assert.equal(await readFile(join(folder, "taken1.json"), "utf8"), "mine");
});

test("a packet that is missing, damaged or too large is a sentence", async (context) => {
  const folder = await temporaryFolder(context);
  const store = createPacketStore(folder, idsFrom("good22"));
  await store.write(content, {});
  const good = await readFile(join(folder, "good22.json"), "utf8");
  const check = async (id: string, text: string | undefined, expected: RegExp) => {
    if (text !== undefined) {
      await writeFile(join(folder, `${id}.json`), text);
    }
    const reading = await store.read(id);
    assert.match(reading.kind === "unreadable" ? reading.reason : "read", expected, id);
  };
  await check("gone22", undefined, /There is no handoff packet .*The work goes on with the prompt alone\./);
  await check("cut222", good.slice(0, 40), /cannot be read/);
  await check("type22", good.replace('"ml-trainer"', "5"), /is damaged at `from`/);
  await check("other2", good, /is damaged at `id`/);
  await check("large2", `${good}${" ".repeat(300_000)}`, /larger than 262144 bytes/);
  await check("../good22", undefined, /is no handoff/);
});

test("a folder that cannot be written is refused with what to do", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "file"), "");
  await assert.rejects(createPacketStore(join(folder, "file", "handoffs")).write(content, {}), UserError);
  assert.deepEqual(await readdir(folder), ["file"]);
});
