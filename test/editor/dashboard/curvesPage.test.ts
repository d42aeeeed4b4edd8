import assert from "node:assert/strict";
import { test } from "node:test";
import type * as vscode from "vscode";
import type { CurvesMessage, CurvesRequest } from "../../../src/core/dashboard/curveMessages.ts";
import { CurvesPage } from "../../../src/editor/dashboard/curvesPage.ts";
import { waitFor } from "../../support/poll.ts";

const VIEW = { axis: "step", smoothing: 0, maxPoints: 100 } as const;

/** A panel whose page is the test. */
function openPage(version: () => number) {
  const sent: CurvesMessage[] = [];
  const asked: (number | undefined)[] = [];
  let receive: (message: CurvesRequest) => void = () => undefined;
  const none = { dispose: () => undefined };
  const panel = {
    visible: true,
    onDidChangeViewState: () => none,
    webview: {
      onDidReceiveMessage(listener: typeof receive) {
        receive = listener;
        return none;
      },
      postMessage(message: CurvesMessage) {
        sent.push(message);
        return Promise.resolve(true);
      },
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts of a panel that the page uses
  const page = new CurvesPage(panel as unknown as vscode.WebviewPanel, {
    read(_view, knownVersion) {
      asked.push(knownVersion);
      return Promise.resolve({ runs: [], curves: [], marks: [], searched: [], version: version() });
    },
    isLive: () => true,
    onError(error) {
      throw error;
    },
  });
  return { page, sent, asked, receive: (message: CurvesRequest) => receive(message) };
}

test("nothing is read before the page says what it shows, nor before it has drawn what it got", async () => {
  let version = 1;
  const { page, sent, asked, receive } = openPage(() => version);
  using _end = { [Symbol.dispose]: () => page.dispose() };
  receive({ kind: "drawn" });
  assert.deepEqual(asked, []);
  receive({ kind: "view", view: VIEW });
  await waitFor("the first frame", () => sent.length === 1);
  version = 2;
  // Not drawn yet: a change of the view waits as well.
  receive({ kind: "view", view: { ...VIEW, smoothing: 0.5 } });
  assert.deepEqual([sent.length, asked], [1, [undefined]]);
  receive({ kind: "drawn" });
  await waitFor("the second frame", () => sent.length === 2);
  assert.deepEqual(asked, [undefined, undefined]);
});

test("a frame that the page has already is not sent again", async () => {
  const { page, sent, asked, receive } = openPage(() => 7);
  using _end = { [Symbol.dispose]: () => page.dispose() };
  receive({ kind: "view", view: VIEW });
  await waitFor("the first frame", () => sent.length === 1);
  receive({ kind: "drawn" });
  await waitFor("another question", () => asked.length === 2);
  assert.deepEqual([asked, sent.length], [[undefined, 7], 1]);
});
