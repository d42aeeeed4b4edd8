import * as assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as vscode from "vscode";

/** What runs as soon as it is loaded, or is made for a page. */
const PROGRAM = /^(cli|supervisor|uPlot|[a-zA-Z]+Worker)\.js$/;

suite("the built extension", () => {
  test("loads every one of its files, also those that are loaded late", async () => {
    const dist = join(vscode.extensions.getExtension("trainyard.trainyard")?.extensionPath ?? "", "dist");
    const files = (await readdir(dist)).filter((file) => file.endsWith(".js") && !PROGRAM.test(file));
    assert.ok(files.length > 10);
    const failed: string[] = [];
    for (const file of files) {
      await import(pathToFileURL(join(dist, file)).href).catch((error) => failed.push(`${file}: ${error}`));
    }
    assert.deepEqual(failed, []);
  });
});
