import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { root } from "../../../scripts/paths.mjs";
import { Editor, type EditorOptions } from "./editor.ts";

const JOURNEY_TIMEOUT_MS = 420_000;

/** Saves a picture of the whole window, the first unless told; numbered, so that a folder of them reads like the journey. */
export type Shot = (name: string, page?: Page) => Promise<void>;

/**
 * One journey of a person through a real VS Code, a test of `node:test`. Everything is closed afterwards, and a failure
 * leaves a picture, the console and the logs in `test-results/e2e/<file>/`, where what its workflows wrote is kept too.
 */
export function journey(
  file: string,
  name: string,
  options: EditorOptions,
  walk: (editor: Editor, shot: Shot) => Promise<void>,
): void {
  const slug = basename(fileURLToPath(file)).replace(/\.test\.ts$/, "");
  const results = join(root, "test-results", "e2e", slug);
  test(name, { timeout: JOURNEY_TIMEOUT_MS }, async () => {
    await rm(results, { recursive: true, force: true });
    await mkdir(results, { recursive: true });
    const editor = await Editor.open(slug, options);
    let count = 0;
    const shot: Shot = async (title, page = editor.page) => {
      count += 1;
      await page.screenshot({ path: join(results, `${String(count).padStart(2, "0")}-${title}.png`) });
    };
    try {
      await walk(editor, shot);
    } catch (error) {
      await shot("failed").catch(() => {});
      await writeFile(join(results, "console.log"), editor.consoleLines.join("\n"));
      await editor.saveLogs(results);
      throw error;
    } finally {
      await cp(join(editor.workspace, ".trainyard", "workflows"), join(results, "workflows"), {
        recursive: true,
      }).catch(() => {});
      await editor.close();
    }
  });
}
