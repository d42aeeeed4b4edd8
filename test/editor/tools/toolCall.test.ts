import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import type { Tool } from "../../../src/core/tools/tool.ts";
import { prepareCall, runCall } from "../../../src/editor/tools/toolCall.ts";
import { countingTool } from "../../support/countingTool.ts";

const signal = new AbortController().signal;

async function call(tool: Tool<unknown>, input: unknown): Promise<{ text: string; bugs: unknown[] }> {
  const bugs: unknown[] = [];
  const text = await runCall(() => Promise.resolve(tool), { input, signal, reportBug: (error) => bugs.push(error) });
  return { text, bugs };
}

async function prepare(tool: Tool<unknown>, input: unknown) {
  const bugs: unknown[] = [];
  const reportBug = (error: unknown) => bugs.push(error);
  const prepared = await prepareCall(() => Promise.resolve(tool), { input, signal, reportBug });
  return { prepared, bugs };
}

const askWith = (error: Error) => prepare(countingTool({ confirm: () => Promise.reject(error) }), { count: 1 });

test("a valid call answers with the tool's text", async () => {
  assert.deepEqual(await call(countingTool(), { count: 2 }), { text: '{"count":2}', bugs: [] });
});

test("an invalid call does nothing and tells the model which field is wrong", async () => {
  let runs = 0;
  const tool = countingTool({
    run: async () => {
      runs += 1;
      return { text: "" };
    },
  });
  for (const [input, field] of [
    [{ count: "two" }, /count/],
    [{ count: 0 }, /count/],
    [{ count: 1, force: true }, /force/],
    [undefined, /expected object/],
  ] as const) {
    const { text, bugs } = await call(tool, input);
    assert.match(text, /^The input of trainyard_count is not valid, nothing was done:\n/);
    assert.match(text, field);
    assert.match(text, /\nCorrect it and call again\.$/);
    assert.deepEqual(bugs, []);
  }
  assert.equal(runs, 0);
});

test("a tool hears of everything that is refused, and may say itself why", async () => {
  const heard: string[] = [];
  const refused = new UserError("Too many.");
  const tool = countingTool({
    onRefused: (input, { message }) => {
      heard.push(`${JSON.stringify(input)}: ${message.split("\n")[0] ?? ""}`);
      return Promise.resolve(input === undefined ? "Say how many." : undefined);
    },
    confirm: ({ count }) => (count === 7 ? Promise.reject(refused) : Promise.resolve(undefined)),
    run: ({ count }) => (count > 5 ? Promise.reject(refused) : Promise.resolve({ text: "counted" })),
  });
  assert.deepEqual(await call(tool, undefined), { text: "Say how many.", bugs: [] });
  assert.match((await call(tool, { count: 0 })).text, /^The input of trainyard_count is not valid/);
  assert.deepEqual(await call(tool, { count: 6 }), { text: "Count was refused: Too many.", bugs: [] });
  await assert.rejects(prepare(tool, { count: 7 }), /Count was refused: Too many\./);
  assert.deepEqual(await call(tool, { count: 2 }), { text: "counted", bugs: [] });
  const invalid = "The input of trainyard_count is not valid, nothing was done:";
  const lines = [
    `undefined: ${invalid}`,
    `{"count":0}: ${invalid}`,
    '{"count":6}: Too many.',
    '{"count":7}: Too many.',
  ];
  assert.deepEqual(heard, lines);
});

test("what cannot be noted is refused all the same", async () => {
  const fault = new TypeError("no journal");
  const tool = countingTool({
    onRefused: () => Promise.reject(fault),
    run: () => Promise.reject(new UserError("No.")),
  });
  assert.deepEqual(await call(tool, { count: 1 }), { text: "Count was refused: No.", bugs: [fault] });
});

test("a refusal reaches the model as the sentence it is", async () => {
  const tool = countingTool({ run: () => Promise.reject(new UserError("No folder is open.")) });
  assert.deepEqual(await call(tool, { count: 1 }), { text: "Count was refused: No folder is open.", bugs: [] });
});

test("a fault is reported, and the model is told to tell the person", async () => {
  const fault = new TypeError("x is not a function");
  const tool = countingTool({ run: () => Promise.reject(fault) });
  const { text, bugs } = await call(tool, { count: 1 });
  assert.equal(
    text,
    "Count failed because of a fault in Trainyard: x is not a function. Tell the person; the details are in the Trainyard log.",
  );
  assert.deepEqual(bugs, [fault]);
});

test("a cancelled call throws VS Code's cancellation and reports nothing", async () => {
  const abort = new AbortController();
  const bugs: unknown[] = [];
  const tool = countingTool({
    run: () => {
      abort.abort();
      return Promise.reject(new Error("socket closed"));
    },
  });
  const reportBug = (error: unknown) => bugs.push(error);
  const cancelled = { name: "Canceled" };
  const options = { input: { count: 1 }, signal: abort.signal, reportBug };
  await assert.rejects(
    runCall(async () => tool, options),
    cancelled,
  );
  const late = runCall(async () => countingTool(), options);
  await assert.rejects(late, cancelled, "a call that was cancelled before it began");
  assert.deepEqual(bugs, []);
});

test("a long answer is cut and says by how much", async () => {
  const tool = countingTool({ run: async () => ({ text: "x".repeat(16_003) }) });
  const { text } = await call(tool, { count: 1 });
  assert.equal(text, `${"x".repeat(16_000)}\n… cut: 3 more characters.`);
});

test("the person is asked with the tool's own question", async () => {
  const tool = countingTool({ confirm: async () => ({ title: "Count?", message: "Up to **2**" }) });
  const { prepared } = await prepare(tool, { count: 2 });
  assert.equal(prepared.invocationMessage, "Counting");
  assert.equal(prepared.confirmationMessages?.title, "Count?");
  const message = prepared.confirmationMessages?.message;
  assert.equal(typeof message === "object" && message.value, "Up to **2**");
});

test("a tool that only reads asks nothing, and neither does a call that will be refused", async () => {
  const { prepared } = await prepare(countingTool(), { count: 2 });
  assert.deepEqual(prepared, { invocationMessage: "Counting" });
  const asks = countingTool({ confirm: () => Promise.reject(new Error("must not be asked")) });
  assert.deepEqual((await prepare(asks, { count: "two" })).prepared, { invocationMessage: "Count" });
});

test("a question that cannot be put ends the call with the reason instead of letting it run unasked", async () => {
  await assert.rejects(
    askWith(new UserError("No folder is open.")),
    /^UserError: Count was refused: No folder is open\.$/,
  );
  const fault = new TypeError("x is not a function");
  await assert.rejects(askWith(fault), { message: /fault in Trainyard: x is not a function/, cause: fault });
});

test("tools that cannot be loaded are a fault the model hears of, and no exception", async () => {
  const fault = new Error("Cannot find module");
  const bugs: unknown[] = [];
  const reportBug = (error: unknown) => bugs.push(error);
  const text = await runCall(() => Promise.reject(fault), { input: {}, signal, reportBug });
  assert.match(text, /^The tool failed because of a fault in Trainyard: Cannot find module\./);
  assert.deepEqual(bugs, [fault]);
});
