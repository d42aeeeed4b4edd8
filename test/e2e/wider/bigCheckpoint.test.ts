import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSafetensors } from "../../support/checkpointBuilders.ts";
import { journey } from "../support/journey.ts";
import { pageInFront } from "../support/workbench.ts";

const COUNT = 100_000;

/** Layers of ten small tensors, as many as no model has yet. */
function model(): Uint8Array {
  const header: Record<string, object> = {};
  for (let index = 0; index < COUNT; index++) {
    const offset = index * 4;
    const name = `model.layers.${Math.floor(index / 10)}.mlp.experts_${index % 10}.weight`;
    header[name] = { dtype: "F32", shape: [1, 1], data_offsets: [offset, offset + 4] };
  }
  return buildSafetensors(header, COUNT * 4);
}

journey(
  import.meta.url,
  "a checkpoint of 100,000 tensors opens, and is searched, sorted and grouped",
  { settings: { "workbench.colorTheme": "Default Dark Modern" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    mkdirSync(join(workspace, "saved"));
    writeFileSync(join(workspace, "saved/huge.safetensors"), model());
    const started = performance.now();
    await editor.door.execute("vscode.open", { $path: join(workspace, "saved/huge.safetensors") });
    const shown = pageInFront(page);
    await shown.getByText("100,000 tensors", { exact: true }).waitFor();
    await shown.locator("#row0").waitFor();
    console.log(`opened in ${Math.round(performance.now() - started)} ms`);
    assert.ok((await shown.locator(".row").count()) < 120);
    await shot("opened");

    const searched = performance.now();
    await shown.locator("#search").fill("layers.9999. experts_7");
    await shown.getByText("1 of 100,000 tensors").waitFor();
    console.log(`searched in ${Math.round(performance.now() - searched)} ms`);
    await shown.locator("#search").fill("");
    await shown.getByText("100,000 tensors", { exact: true }).waitFor();
    await shown.getByLabel("Tree by module").check();
    await shown.locator(".row.module", { hasText: "layers" }).first().waitFor();
    await shown.locator("#grid").focus();
    await page.keyboard.press("End");
    await shown.locator(".row.active", { hasText: "weight" }).waitFor();
    await shot("tree-at-the-end");
  },
);
