import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type * as vscode from "vscode";
import type { CurvesMessage, CurvesRequest } from "../../../src/core/dashboard/curvesMessage.ts";
import { OpenCurves } from "../../../src/editor/dashboard/openCurves.ts";
import { ShownRuns } from "../../../src/editor/dashboard/shownRuns.ts";
import { MetricsClient } from "../../../src/node/metrics/metricsClient.ts";
import { waitFor } from "../../support/poll.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const nothing = { dispose: () => undefined };

/** A panel in sight, what it was sent, and how its page speaks. */
function openPanel() {
  const sent: CurvesMessage[] = [];
  const listeners: ((message: CurvesRequest) => void)[] = [];
  const panel: vscode.WebviewPanel = {
    viewType: "curves",
    title: "Curves",
    active: true,
    visible: true,
    viewColumn: undefined,
    options: {},
    onDidChangeViewState: () => nothing,
    onDidDispose: () => nothing,
    reveal: () => undefined,
    dispose: () => undefined,
    webview: {
      options: {},
      html: "",
      cspSource: "",
      asWebviewUri: (uri) => uri,
      onDidReceiveMessage: (listener) => {
        listeners.push(listener);
        return nothing;
      },
      postMessage: (message: CurvesMessage) => {
        sent.push(message);
        return Promise.resolve(true);
      },
    },
  };
  return { panel, sent, say: (message: CurvesRequest) => listeners.forEach((listener) => listener(message)) };
}

/** `thread`: the file of the thread that answers; by default there is none. */
function showCurves(context: TestContext, thread = "/nowhere/worker.js") {
  const opened = openPanel();
  const source = {
    onDidChange: () => nothing,
    runs: () => [],
    unreadableRuns: () => [],
    watchedFolders: () => [],
    contentsOf: () => ({ entries: [], writing: [], unreadable: [] }),
  };
  const deps = { source, refresh: () => Promise.resolve(), extensionFolder: "/w", onError: assert.ifError };
  const client = new MetricsClient(thread);
  const curves = new OpenCurves(opened.panel, deps, new ShownRuns(source, client, []), () => Promise.resolve());
  context.after(() => {
    curves.dispose();
    client[Symbol.dispose]();
  });
  return opened;
}

test("a page that is loaded again after a failure is told of it again, instead of staying empty", async (context) => {
  const { sent, say } = showCurves(context);
  for (const count of [1, 2]) {
    say({ kind: "ready" });
    await waitFor(`failure ${count}`, () => sent.filter(({ kind }) => kind === "failed").length === count, 5_000);
  }
});

const ANSWERING = `import { parentPort } from "node:worker_threads";
parentPort.on("message", ({ id }) => parentPort.postMessage({ id, runs: [] }));`;

test("after a failure nothing is read until the person tries again, and then the curves come", async (context) => {
  const thread = join(temporaryFolder(context), "worker.mjs");
  const { sent, say } = showCurves(context, thread);
  say({ kind: "ready" });
  await waitFor("the failure", () => sent.at(-1)?.kind === "failed", 5_000);
  await writeFile(thread, ANSWERING);
  say({ kind: "look", tags: [], hidden: [], smoothing: 0, maxPoints: 400, withMeans: false });
  say({ kind: "retry" });
  await waitFor("the curves", () => sent.at(-1)?.kind === "draw", 5_000);
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ["reading", "failed", "reading", "draw"],
  );
});

test("what is read is said before the first curves of it, and not again while they are followed", async (context) => {
  const thread = join(temporaryFolder(context), "worker.mjs");
  await writeFile(thread, ANSWERING);
  const { sent, say } = showCurves(context, thread);
  say({ kind: "ready" });
  await waitFor("the curves", () => sent.length === 2, 5_000);
  say({ kind: "drawn" });
  say({ kind: "look", tags: [], hidden: [], smoothing: 0, maxPoints: 400, withMeans: false });
  await waitFor("the next curves", () => sent.length === 3, 5_000);
  assert.deepEqual(
    sent.map((message) => (message.kind === "reading" ? message.text : message.kind)),
    ["Reading the logs of this workspace…", "draw", "draw"],
  );
});
