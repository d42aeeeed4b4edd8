import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as vscode from "vscode";
import { showCheckpoint } from "../../../src/editor/checkpoints/checkpointPanel.ts";
import { resetFake } from "../../support/fakeVscode.ts";

beforeEach(resetFake);

test("until the file is read its page names it, says that it is read, and offers nothing", () => {
  const webview = {
    html: "",
    cspSource: "self",
    asWebviewUri: (uri: vscode.Uri) => uri,
    onDidReceiveMessage: () => ({ dispose: () => undefined }),
  };
  const panel = { webview, onDidDispose: () => ({ dispose: () => undefined }) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts of a panel that are there before a file is read
  showCheckpoint(vscode.Uri.file("/w/a<b>.pt"), panel as unknown as vscode.WebviewPanel, "/extension");
  assert.match(webview.html, /<h1 id="name">a&lt;b&gt;\.pt<\/h1>\n<p id="state" role="status">Reading…<\/p>/);
  assert.match(webview.html, /<div id="actions" hidden>/);
});
