import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { UserError } from "../../../src/core/base/errors.ts";
import { PythonReader, pythonReader } from "../../../src/node/base/pythonReader.ts";

const SCRIPT = 'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--lr", type=float)\n';

/** A reader whose threads run the given code instead of the parser, one after the other. */
function readerOf(codes: readonly string[], timeoutMs?: number): PythonReader {
  let started = 0;
  return new PythonReader(() => new Worker(codes[started++] ?? "", { eval: true }), timeoutMs);
}

const DIES = `require("node:worker_threads").parentPort.on("message", () => process.exit(3));`;
const HANGS = `require("node:worker_threads").parentPort.on("message", () => { for (;;); });`;
const ANSWERS = `const { parentPort } = require("node:worker_threads");
parentPort.on("message", ({ id }) => parentPort.postMessage({ id, result: [] }));`;

test("gives what a script declares, read in another thread", async () => {
  const facts = await pythonReader().read("scriptFacts", { text: SCRIPT, label: "train.py" });
  assert.deepEqual(
    facts.declared.arguments.map(({ flag, type }) => [flag, type]),
    [["--lr", "float"]],
  );
});

test("the event loop goes on while a large file is parsed", async () => {
  const text = SCRIPT + 'parser.add_argument("--x", type=int, default=3)\n'.repeat(4_000);
  await pythonReader().read("scriptFacts", { text: SCRIPT, label: "warm.py" });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = performance.now();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await pythonReader().read("scriptFacts", { text, label: "large.py" });
  clearInterval(timer);
  delay.disable();
  const tookMs = performance.now() - before;
  // The parse itself takes hundreds of milliseconds; in this thread the timer would not have fired once.
  assert.ok(ticks > tookMs / 20, `${ticks} ticks in ${tookMs} ms, longest pause ${delay.max / 1e6} ms`);
});

test("a thread that dies is a sentence, and the next request starts another", async () => {
  const reader = readerOf([DIES, ANSWERS]);
  const script = { text: "", label: "train.py" };
  await assert.rejects(
    reader.read("scriptFacts", script),
    (error) => error instanceof UserError && /exit code 3.*Try again/.test(error.message),
  );
  assert.deepEqual(await reader.read("scriptFacts", script), []);
});

test("a thread that hangs is ended", async () => {
  const reader = readerOf([HANGS, ANSWERS], 300);
  const script = { text: "", label: "train.py" };
  await assert.rejects(reader.read("scriptFacts", script), /took longer than 0\.3 s/);
});

test("what is cancelled rejects at once, and later requests are answered", async () => {
  const abort = new AbortController();
  const reading = pythonReader().read("scriptFacts", { text: SCRIPT, label: "a.py" }, abort.signal);
  abort.abort();
  await assert.rejects(reading, { name: "AbortError" });
  const next = await pythonReader().read("scriptFacts", { text: SCRIPT, label: "b.py" });
  assert.equal(next.label, "b.py");
});

test("a fault in a handler rejects its own request only", async () => {
  // @ts-expect-error a text is missing, which the parser refuses
  await assert.rejects(pythonReader().read("scriptFacts", { label: "a.py" }), (error) => !(error instanceof UserError));
  assert.equal((await pythonReader().read("scriptFacts", { text: "", label: "c.py" })).label, "c.py");
});
