import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../src/core/base/errors.ts";
import type { Tool } from "../../src/core/tools/tool.ts";
import { adaptTool } from "../../src/editor/tools/registerTools.ts";
import { countingTool } from "../support/countingTool.ts";
import { waitFor } from "../support/poll.ts";

const NAME = "trainyard_count";

/** A call as the chat makes it: no invocation token, since no chat request stands behind it. */
const callWith = (input: object) => ({ input, toolInvocationToken: undefined });

function textOf(result: vscode.LanguageModelToolResult | null | undefined): string {
  const parts = result?.content ?? [];
  return parts.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "?")).join("");
}

const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
const refuse = () => Promise.reject(new UserError("No folder is open."));

/** A tool with its adapter, and what a caller may do with it. */
async function adapt(change: Partial<Tool<unknown>>) {
  const bugs: unknown[] = [];
  const load = () => Promise.resolve([countingTool(change)]);
  const adapted = adaptTool(NAME, { names: [NAME], load, reportBug: (error) => bugs.push(error) });
  const cancellation = new vscode.CancellationTokenSource();
  return {
    bugs,
    cancellation,
    invoke: async (input: object) => textOf(await adapted.invoke(callWith(input), cancellation.token)),
    prepare: async (input: object) => adapted.prepareInvocation?.({ input }, cancellation.token),
  };
}

async function invoke(name: string, input: object): Promise<string> {
  return textOf(await vscode.lm.invokeTool(name, callWith(input)));
}

suite("the adapter of the tools in this host", () => {
  test("a call with an invalid input asks nothing, does nothing and says what is wrong", async () => {
    let calls = 0;
    const tool = await adapt({
      confirm: async () => ({ title: "Count?", message: `asked ${(calls += 1)}` }),
      run: async () => ({ text: `ran ${(calls += 1)}` }),
    });
    assert.deepEqual(await tool.prepare({ count: "two" }), { invocationMessage: "Count" });
    const text = await tool.invoke({ count: "two" });
    assert.match(text, /^The input of trainyard_count is not valid, nothing was done:\n[\s\S]*count/);
    assert.deepEqual({ calls, bugs: tool.bugs }, { calls: 0, bugs: [] });
  });

  test("a call that writes shows its question as VS Code draws it", async () => {
    const tool = await adapt({ confirm: async () => ({ title: "Count?", message: "Counts to `2`." }) });
    const prepared = await tool.prepare({ count: 2 });
    assert.equal(prepared?.invocationMessage, "Counting");
    const message = prepared?.confirmationMessages?.message;
    assert.ok(message instanceof vscode.MarkdownString);
    assert.equal(message.value, "Counts to `2`.");
    assert.ok(message.isTrusted !== true, "links in a question run no commands");
  });

  test("an allowed call answers with the tool's text", async () => {
    const tool = await adapt({});
    assert.equal(await tool.invoke({ count: 2 }), '{"count":2}');
  });

  test("a refusal ends the question and answers the call, and is no bug", async () => {
    const tool = await adapt({ confirm: refuse, run: refuse });
    await assert.rejects(tool.prepare({ count: 1 }), /Count was refused: No folder is open\./);
    assert.deepEqual(tool.bugs, []);
    assert.equal(await tool.invoke({ count: 1 }), "Count was refused: No folder is open.");
  });

  test("a fault of the tool reaches the log and the model, and does not throw", async () => {
    const fault = new TypeError("x is not a function");
    const tool = await adapt({ run: () => Promise.reject(fault) });
    assert.match(await tool.invoke({ count: 1 }), /fault in Trainyard: x is not a function\. Tell the person/);
    assert.deepEqual(tool.bugs, [fault]);
  });

  test("Stop reaches the running tool and ends the call as cancelled", async () => {
    let hasStarted = false;
    const tool = await adapt({
      run: (_input, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          hasStarted = true;
        }),
    });
    const answer = tool.invoke({ count: 1 });
    await waitFor("the tool's run", () => hasStarted);
    tool.cancellation.cancel();
    await assert.rejects(answer, vscode.CancellationError);
    assert.deepEqual(tool.bugs, []);
  });

  test("a tool that this version does not have is a sentence, not an error", async () => {
    const adapted = adaptTool("trainyard_gone", {
      names: [],
      load: () => Promise.resolve([]),
      reportBug: () => undefined,
    });
    const { token } = new vscode.CancellationTokenSource();
    const text = textOf(await adapted.invoke(callWith({}), token));
    assert.match(text, /This version of Trainyard has no tool trainyard_gone\./);
  });
});

suite("the tools as a model calls them", () => {
  const trainyard = vscode.extensions.getExtension("trainyard.trainyard");

  suiteSetup(async () => {
    await trainyard?.activate();
  });

  test("every contributed tool is there with its description and schema", () => {
    const contributed: { name: string; modelDescription: string; inputSchema: object }[] =
      trainyard?.packageJSON.contributes.languageModelTools ?? [];
    const there = vscode.lm.tools
      .filter(({ name }) => name.startsWith("trainyard_"))
      .map(({ name, description, inputSchema }) => ({ name, modelDescription: description, inputSchema }));
    assert.deepEqual(
      there.toSorted(byName),
      contributed
        .map(({ name, modelDescription, inputSchema }) => ({ name, modelDescription, inputSchema }))
        .toSorted(byName),
    );
  });

  test("the facts of the workspace name the file they were read from", async () => {
    assert.match(await invoke("trainyard_project_facts", {}), /torch \d[^\n]*\.dist-info\/METADATA:\d/);
  });

  test("a folder of checkpoints that is not there is a sentence", async () => {
    assert.match(await invoke("trainyard_inspect_checkpoints", { path: "no-such-folder" }), /no-such-folder/);
  });

  test("a run of Metaflow is found in the datastore of the workspace", async () => {
    const store = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "", ".metaflow");
    const meta = join(store, "ChurnFlow", "17", "_meta");
    await mkdir(meta, { recursive: true });
    await writeFile(join(meta, "_self.json"), JSON.stringify({ ts_epoch: 1_795_280_000_000 }));
    try {
      assert.match(await invoke("trainyard_run_status", {}), /ChurnFlow · ☠ killed/);
      assert.match(await invoke("trainyard_run_status", { runId: "17", task: "fit" }), /Run 17 has no task fit\./);
    } finally {
      await rm(store, { recursive: true });
    }
  });

  test("VS Code lets an invalid input through, and the answer says what is wrong with it", async () => {
    const text = await invoke("trainyard_inspect_checkpoints", { path: 5 });
    assert.match(text, /^The input of trainyard_inspect_checkpoints is not valid, nothing was done:\n.*\n.*at path\n/);
  });

  test("a call that is cancelled before it begins is cancelled", async () => {
    const cancellation = new vscode.CancellationTokenSource();
    cancellation.cancel();
    const call = vscode.lm.invokeTool("trainyard_project_facts", callWith({}), cancellation.token);
    await assert.rejects(Promise.resolve(call), /cancel/i);
  });
});
