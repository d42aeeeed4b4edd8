import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { newestFirst, newestWhole } from "../../../src/core/checkpoints/checkpointListing.ts";
import { describeTrust } from "../../../src/core/checkpoints/importedName.ts";
import { CheckpointClient } from "../../../src/node/checkpoints/checkpointClient.ts";
import { listCheckpointFolder } from "../../../src/node/checkpoints/listCheckpointFolder.ts";
import { readCheckpointWithTensors } from "../../../src/node/checkpoints/readCheckpoint.ts";
import { SILENCE_MS } from "../../../src/node/checkpoints/silenceWatch.ts";
import { buildCheckpoint, buildSafetensors, buildTorchZip, bytesOf } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const QUERY = { search: "", column: "file", isDescending: false, isTree: false, collapsed: [] } as const;
const SOME = 2_000;

/** A model of many small tensors, in modules of ten. */
function model(count: number): Uint8Array {
  const header: Record<string, object> = {};
  for (let index = 0; index < count; index++) {
    header[`layers.${Math.floor(index / 10)}.weight_${index % 10}`] = {
      dtype: "F32",
      shape: [1],
      data_offsets: [index * 4, index * 4 + 4],
    };
  }
  return buildSafetensors(header, count * 4);
}

test("a page is read by a thread, which finds, sorts and groups its tensors", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "model.safetensors");
  writeFileSync(path, model(SOME));
  using client = new CheckpointClient();
  const { page, tensors } = await client.open(1, path);
  const shown: unknown = JSON.parse(new TextDecoder().decode(tensors));
  assert.ok(Array.isArray(shown));
  assert.deepEqual([page.state, page.canResume, shown.length], ["whole", true, SOME]);
  assert.deepEqual(shown[11], ["layers.1.weight_1", "F32", "1", 4, false]);
  const found = await client.rows(1, { ...QUERY, search: "layers.1. weight_3" });
  assert.deepEqual([[...found.places], [...found.levels], found.modules], [[13], [1], []]);
  const tree = await client.rows(1, { ...QUERY, isTree: true, collapsed: ["layers"] });
  assert.deepEqual([...tree.places], [-1]);
  assert.deepEqual(tree.modules, [{ name: "layers", count: SOME, sizeBytes: SOME * 4, isOpen: false }]);
});

test("two files are compared by the thread, and what cannot be read is a refusal that ends nothing", async (context) => {
  const folder = temporaryFolder(context);
  const paths = [1, 2].map((epoch) => join(folder, `${epoch}.pt`));
  paths.forEach((path, index) => writeFileSync(path, buildCheckpoint(index + 1)));
  using client = new CheckpointClient();
  await assert.rejects(client.open(1, join(folder, "gone.pt")), (error) => error instanceof UserError);
  await assert.rejects(client.rows(1, QUERY), /was lost/);
  assert.match(await client.compare(paths[0] ?? "", paths[1] ?? ""), /1\.pt[\s\S]*2\.pt/);
  await client.open(1, paths[0] ?? "");
  await client.close(1);
  await assert.rejects(client.rows(1, QUERY), /was lost/);
});

test("a folder is listed by the thread in pieces, and only as far as the question needs", async (context) => {
  const folder = temporaryFolder(context);
  const count = 250;
  for (let index = 0; index < count; index++) {
    const path = join(folder, `epoch_${index}.pt`);
    const bytes = buildCheckpoint(index);
    writeFileSync(path, index > count - 4 ? bytes.subarray(0, bytes.length / 2) : bytes);
    utimesSync(path, index, index);
  }
  using client = new CheckpointClient();
  const all = await client.list(folder);
  const here = await listCheckpointFolder(folder);
  assert.ok(all.kind === "listed" && here.kind === "listed");
  assert.equal(all.entries.length, count);
  assert.deepEqual(newestFirst(all.entries), newestFirst(here.entries));
  const some = await client.list(folder, { until: { kind: "newest-whole" } });
  assert.ok(some.kind === "listed");
  assert.ok(some.entries.length < count / 10, `${some.entries.length} were read`);
  assert.equal(newestWhole(some.entries)?.path, join(folder, `epoch_${count - 4}.pt`));
  assert.equal((await client.list(join(folder, "gone"))).kind, "folder-missing");
  assert.equal((await client.summary({ path: join(folder, "epoch_7.pt") })).epoch, 7);
  await assert.rejects(client.summary({ path: join(folder, "gone.pt") }), (error) => error instanceof UserError);
});

test("more folders than one are listed at once, each of them whole", async (context) => {
  const folder = temporaryFolder(context);
  const count = 101;
  const folders = Array.from({ length: 12 }, (_, run) => join(folder, `run_${run}`));
  for (const run of folders) {
    mkdirSync(run);
    for (let index = 0; index < count; index++) {
      writeFileSync(join(run, `epoch_${index}.safetensors`), model(1));
    }
  }
  using client = new CheckpointClient();
  const listings = await Promise.all(folders.map((run) => client.list(run)));
  assert.deepEqual(
    listings.map((listing) => [listing.folder, listing.kind === "listed" && listing.entries.length]),
    folders.map((run) => [run, count]),
  );
});

test("a pickle with thousands of imports is listed with the few that a sentence names", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "wide.pkl");
  const globals = Array.from({ length: 9_000 }, (_, index) => `c${"m".repeat(100)}\nn${index}\n0`);
  writeFileSync(path, bytesOf("\x80\x02", "cos\nsystem\n0", globals.join(""), "}."));
  const { summary } = await readCheckpointWithTensors(path);
  using client = new CheckpointClient();
  const read = await client.summary({ path });
  assert.ok(read.imports.length < 20, `${read.imports.length} imports`);
  assert.equal(describeTrust(read.imports), describeTrust(summary.imports));
  const listing = await client.list(folder);
  assert.deepEqual(listing.kind === "listed" && listing.entries[0]?.summary, read);
});

test("a checkpoint at rest is read once, and again when it has changed", async (context) => {
  const path = join(temporaryFolder(context), "epoch.pt");
  using client = new CheckpointClient();
  const epochAfter = async (epoch: number, seconds: number) => {
    writeFileSync(path, buildCheckpoint(epoch));
    utimesSync(path, seconds, seconds);
    return (await client.summary({ path })).epoch;
  };
  const longAgo = 1_000;
  assert.equal(await epochAfter(1, longAgo), 1);
  assert.equal(await epochAfter(2, longAgo), 1);
  assert.equal(await epochAfter(3, longAgo + 1), 3);
  // What changed just now may change again within the same tick of the disk's clock.
  const now = Date.now() / 1000;
  assert.equal(await epochAfter(4, now), 4);
  assert.equal(await epochAfter(5, now), 5);
});

test("a thread that gives no sign of life is ended with a sentence, and the next question starts another", async (context) => {
  const folder = temporaryFolder(context);
  const [dense, small] = [join(folder, "dense.pt"), join(folder, "small.pt")];
  writeFileSync(dense, buildTorchZip(bytesOf("N0".repeat(2_000_000), "N.")));
  writeFileSync(small, buildCheckpoint(1));
  context.mock.timers.enable({ apis: ["setInterval"] });
  using client = new CheckpointClient();
  const answered = [client.open(1, small), client.open(2, dense)];
  await answered[0];
  context.mock.timers.tick(SILENCE_MS);
  assert.equal((await answered[1])?.page.name, "dense.pt");
  const late = [client.open(3, dense), client.open(4, small)];
  const refused = late.map((question) => assert.rejects(question, /^UserError: .*no answer for 30 seconds/));
  context.mock.timers.tick(SILENCE_MS);
  context.mock.timers.tick(SILENCE_MS);
  await Promise.all(refused);
  assert.equal((await client.open(5, small)).page.name, "small.pt");
});

test("what lists folders waits for no page and no comparison, however long they take", async (context) => {
  const folder = temporaryFolder(context);
  const [dense, small] = [join(folder, "dense.pt"), join(folder, "small.pt")];
  writeFileSync(dense, buildTorchZip(bytesOf("N0".repeat(5_000_000), "N.")));
  writeFileSync(small, buildCheckpoint(1));
  using client = new CheckpointClient();
  await Promise.all([client.open(1, small), client.summary({ path: small })]);
  const order: string[] = [];
  const finish = async (name: string, work: Promise<unknown>) => {
    await work;
    order.push(name);
  };
  await Promise.all([
    finish("comparison", client.compare(dense, dense)),
    finish("page", client.open(2, dense)),
    finish("summary", client.summary({ path: small })),
    finish("rows", client.rows(1, QUERY)),
  ]);
  assert.equal(order[0], "summary", order.join(", "));
});

test("a folder that nobody waits for any more is not read", async (context) => {
  const dense = join(temporaryFolder(context), "dense.pt");
  writeFileSync(dense, buildTorchZip(bytesOf("N0".repeat(2_000_000), "N.")));
  const folder = temporaryFolder(context);
  const write = (epoch: number) => {
    for (let index = 0; index < 20; index++) {
      const path = join(folder, `${index}.pt`);
      writeFileSync(path, buildCheckpoint(epoch));
      utimesSync(path, 1_000, 1_000);
    }
  };
  write(1);
  using client = new CheckpointClient();
  const before = client.open(1, dense);
  const stop = new AbortController();
  const listing = assert.rejects(client.list(folder, { signal: stop.signal }), { name: "AbortError" });
  stop.abort();
  await Promise.all([listing, before]);
  // Had it been read, the files would be remembered as they were: their sizes and times are the same.
  await client.close(1);
  write(2);
  const now = await client.list(folder);
  assert.deepEqual(now.kind === "listed" && now.entries.map(({ summary }) => summary.epoch), Array(20).fill(2));
});

test("the thread that asks stays free while a pickle of millions of values is walked", async (context) => {
  const path = join(temporaryFolder(context), "dense.pt");
  writeFileSync(path, buildTorchZip(bytesOf("N0".repeat(5_000_000), "N.")));
  using client = new CheckpointClient();
  await client.open(1, path);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  await client.open(1, path);
  const tookMs = performance.now() - started;
  delay.disable();
  // Half of the time in one block would be a walk on this thread; a loaded machine pauses it for less.
  assert.ok(delay.max / 1e6 < tookMs / 2, `${delay.max / 1e6} of ${tookMs} ms`);
});
