import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { type CliVerb, UsageError } from "../../../src/node/base/cliVerb.ts";
import { checkpointsVerb, newestVerb } from "../../../src/node/checkpoints/cliCheckpoints.ts";
import { compareVerb } from "../../../src/node/checkpoints/cliCompare.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

async function run(verb: CliVerb, root: string, ...argv: string[]): Promise<string> {
  const printed: string[] = [];
  const code = await verb.run({
    root,
    folder: root,
    words: argv.filter((word) => !word.startsWith("--")),
    options: { json: argv.includes("--json"), numbers: argv.includes("--numbers") },
    rest: [],
    host: { supervisorPath: "", version: "", print: (text) => void printed.push(text) },
  });
  assert.equal(code, 0);
  return printed.join("\n");
}

test("prints a folder as a list and as JSON", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(4));
  assert.match(await run(checkpointsVerb, folder, "."), /^- a\.pt · epoch 4 · .* · whole · newest whole$/m);
  const data: unknown = JSON.parse(await run(checkpointsVerb, folder, "--json", folder));
  assert.ok(typeof data === "object" && data !== null && "newestWhole" in data);
  assert.equal(data.newestWhole, join(folder, "a.pt"));
});

test("names the best one with its run, and refuses to compare folders that are none", async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "run-2"));
  copyFileSync("test/fixtures/checkpoints/checkpoint_epoch_3.pt", join(folder, "run-2", "last.pt"));
  assert.match(
    await run(checkpointsVerb, folder, "."),
    /Best by val_acc \(higher is better\): run-2\/last\.pt with 0\.953\.$/m,
  );
  await assert.rejects(run(compareVerb, folder, "run-2", join("run-2", "last.pt")), /run-2 is a folder, and not one/);
});

test("prints one checkpoint, also where it is a folder", async () => {
  const data: unknown = JSON.parse(
    await run(checkpointsVerb, "test/fixtures/checkpoints", "epoch=4-step=500.ckpt", "--json"),
  );
  assert.ok(typeof data === "object" && data !== null && "step" in data);
  assert.equal(data.step, 500);
  const one: unknown = JSON.parse(
    await run(checkpointsVerb, "test/fixtures/checkpoints", "weights_only.pth", "--json"),
  );
  assert.ok(typeof one === "object" && one !== null && "tensors" in one && Array.isArray(one.tensors));
  assert.deepEqual(one.tensors.slice(0, 2), [
    { name: "hidden.weight", dtype: "float32", shape: [3, 4], sizeBytes: 48, isShared: false },
    { name: "hidden.bias", dtype: "float32", shape: [3], sizeBytes: 12, isShared: false },
  ]);
  const trainer = await run(checkpointsVerb, "test/fixtures/checkpoints", "checkpoint-40");
  assert.match(trainer, /^checkpoint-40\n\n- Completeness: whole/);
});

test("judges an incomplete checkpoint alike alone and in its folder", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(4).subarray(0, -3));
  const alike = async (state: RegExp) => {
    assert.match(await run(checkpointsVerb, folder, "."), state);
    assert.match(await run(checkpointsVerb, folder, "a.pt"), state);
  };
  await alike(/writing: changed \d+ s ago; /);
  const past = new Date(Date.now() - 60_000);
  utimesSync(join(folder, "a.pt"), past, past);
  await alike(/torn: /);
});

test("takes a step of Trainer as the newest, not the finished model that it saves beside them at the end", async (context) => {
  const folder = temporaryFolder(context);
  cpSync("test/fixtures/checkpoints/checkpoint-40", join(folder, "checkpoint-40"), { recursive: true });
  utimesSync(join(folder, "checkpoint-40", "trainer_state.json"), 1_000_000, 1_000_000);
  copyFileSync("test/fixtures/checkpoints/model.safetensors", join(folder, "model.safetensors"));
  assert.equal(await run(newestVerb, folder, "."), join(folder, "checkpoint-40"));
  assert.match(await run(checkpointsVerb, folder, "."), /^- checkpoint-40 · .* · newest whole$/m);
  rmSync(join(folder, "checkpoint-40"), { recursive: true });
  assert.equal(await run(newestVerb, folder, "."), join(folder, "model.safetensors"));
});

test("prints the path of the newest whole checkpoint alone", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(4));
  writeFileSync(join(folder, "b.pt"), buildCheckpoint(5).subarray(0, -3));
  assert.equal(await run(newestVerb, folder, "."), join(folder, "a.pt"));
});

/** A checkpoint of Trainer, changed so many seconds after the epoch. */
function addStep(folder: string, step: number, { changed, loss }: { changed: number; loss: number }): void {
  const state = { global_step: step, log_history: [{ eval_loss: loss }] };
  const checkpoint = join(folder, `checkpoint-${step}`);
  cpSync("test/fixtures/checkpoints/checkpoint-40", checkpoint, { recursive: true });
  writeFileSync(join(checkpoint, "trainer_state.json"), JSON.stringify(state).replace("null", "NaN"));
  readdirSync(checkpoint).forEach((name) => utimesSync(join(checkpoint, name), changed, changed));
}

test("the newest one is none whose own loss is NaN, however many of them are newer", async (context) => {
  const folder = temporaryFolder(context);
  for (let step = 2; step <= 20; step++) {
    addStep(folder, step, { changed: 1_000 + step, loss: Number.NaN });
  }
  await assert.rejects(
    run(newestVerb, folder, "."),
    /Each of the 19 whole .* a loss that is NaN or infinite, so there is none/,
  );
  addStep(folder, 1, { changed: 1_001, loss: 0.5 });
  assert.equal(await run(newestVerb, folder, "."), join(folder, "checkpoint-1"));
});

test("says that an older one is of a higher step, however many newer ones are read before", async (context) => {
  const folder = temporaryFolder(context);
  [12_000, 11_000].forEach((step, at) => addStep(folder, step, { changed: 10 - at, loss: 0.5 }));
  for (let step = 1; step <= 12; step++) {
    addStep(folder, step, { changed: 1_000 + step, loss: 0.5 });
  }
  const written = context.mock.method(process.stderr, "write", () => true);
  assert.equal(await run(newestVerb, folder, "."), join(folder, "checkpoint-12"));
  assert.match(
    String(written.mock.calls[0]?.arguments[0]),
    /^checkpoint-12000 is of a higher step \(12000\) than checkpoint-12 /,
  );
});

test("refuses with a sentence where nothing is whole, and with the usage where it is misused", async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "empty"));
  const empty = new UserError(`There are no checkpoints in ${join(folder, "empty")}.`);
  await assert.rejects(run(newestVerb, folder, "empty"), empty);
  await assert.rejects(run(newestVerb, folder, "none"), UserError);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(4));
  await assert.rejects(run(newestVerb, folder, "a.pt"), { message: /a\.pt is a file\. .*: trainyard newest \S+\. / });
  await assert.rejects(run(newestVerb, folder), UsageError);
  await assert.rejects(run(checkpointsVerb, folder, "a", "b"), UsageError);
  await assert.rejects(run(checkpointsVerb, folder, "none.pt"), UserError);
});

test("takes no part of a checkpoint for the newest one, also behind a link", async (context) => {
  const folder = temporaryFolder(context);
  const checkpoint = join(folder, "checkpoint-40");
  mkdirSync(checkpoint);
  writeFileSync(join(checkpoint, "optimizer.pt"), buildCheckpoint(4));
  symlinkSync("checkpoint-40", join(folder, "latest"));
  for (const name of ["checkpoint-40", "latest"]) {
    const message = `${join(folder, name)} is one checkpoint and no folder of checkpoints. Name the folder that holds it instead: `;
    await assert.rejects(run(newestVerb, folder, name), (error: Error) => error.message.startsWith(message));
  }
});

test("compares two checkpoints as a text and as JSON, and refuses any other number", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "a.pt"), buildCheckpoint(4));
  writeFileSync(join(folder, "b.pt"), buildCheckpoint(5));
  const text = await run(compareVerb, folder, "a.pt", "b.pt");
  assert.match(text, /^ +a\.pt +b\.pt\nepoch +4 +5$/m);
  assert.doesNotMatch(text, /[|*`]|\n\n\n|\n$/);
  assert.match(text, /\n\nThe same with --numbers compares/);
  assert.doesNotMatch(await run(compareVerb, folder, "a.pt", "b.pt", "--numbers"), /--numbers/);
  const data: unknown = JSON.parse(await run(compareVerb, folder, "a.pt", "b.pt", "--json"));
  assert.ok(typeof data === "object" && data !== null && "numbers" in data && Array.isArray(data.numbers));
  assert.deepEqual(data.numbers[0], { name: "epoch", before: 4, after: 5 });
  await assert.rejects(
    run(compareVerb, folder, "a.pt"),
    new UsageError("Two checkpoints are compared; one was given."),
  );
  await assert.rejects(run(compareVerb, folder, "a.pt", "none.pt"), UserError);
  writeFileSync(join(folder, "text.pt"), "hi");
  assert.match(await run(compareVerb, folder, "text.pt", "text.pt"), /\n\nNeither lists any tensors\. Both have 2 B\./);
});
