import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";
import { curvesFrame } from "../support/curves.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import { startTraining } from "../support/runs.ts";
import {
  activeTab,
  clearNotifications,
  clickDialogButton,
  dialogText,
  openActivity,
  waitForNotification,
  waitForSavedState,
  waitForStatusBar,
} from "../support/workbench.ts";

/** A training that takes seconds: it prints its values, and leaves checkpoints that hold one number. */
const STUDY = `import argparse
import json
import math
import os
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--steps", type=int, default=150)
parser.add_argument("--checkpoint-dir", default="checkpoints")
parser.add_argument("--resume")
args = parser.parse_args()


def save(step):
    header = json.dumps({"weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    folder = f"{args.checkpoint_dir}/rate-{args.learning_rate}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/checkpoint_step_{step}.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + struct.pack("<f", step))


for step in range(1, args.steps + 1):
    loss = 2 * math.exp(-step * args.learning_rate / 10) + 0.1 + 0.05 * math.sin(step)
    print(f"step {step}/{args.steps} loss={loss:.6f} val_acc={1 - loss / 3:.6f}", flush=True)
    if step % 50 == 0:
        save(step)
    time.sleep(0.12)
`;

async function chooseTheme(page: Page, name: string, className: string): Promise<void> {
  await runCommand(page, "Preferences: Color Theme");
  await page.keyboard.type(name);
  await pick(page, name);
  await page.locator(`.monaco-workbench.${className}`).waitFor();
}

/** Drags over the middle of a chart, as one who wants to see it closer. */
async function zoomInto(page: Page, chart: Locator): Promise<void> {
  await chart.scrollIntoViewIfNeeded();
  await chart.locator(".u-over").waitFor();
  const box = await chart.locator(".u-over").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.5);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.55, { steps: 6 });
  await page.mouse.up();
}

journey(
  import.meta.url,
  "curves show themselves with the first run, are compared with others, marked and kept over a reload",
  { files: { "study.py": STUDY }, settings: { "trainyard.curves.openOnFirstRun": true } },
  async (editor, shot) => {
    const { page } = editor;
    await openActivity(page, "Trainyard");
    await startTraining(editor, "study.py");
    const frame = await curvesFrame(page);
    const loss = frame.getByRole("img", { name: /loss of study: from/ });
    await loss.waitFor();
    await shot("by-itself");
    const first = await loss.getAttribute("aria-label");
    await waitFor("the curve to grow", async () => (await loss.getAttribute("aria-label")) !== first);
    for (const rate of ["0.3", "0.02"]) {
      await waitForNotification(page, /Run study finished/, 60_000);
      await clearNotifications(page);
      await startTraining(editor, "study.py", `--learning-rate ${rate}`);
      await waitForStatusBar(page, /study · step/, 60_000);
    }
    await page.locator(".statusbar-item", { hasText: /study · step/ }).click();
    await waitForNotification(page, /Run study finished/, 60_000);
    await clearNotifications(page);
    await runCommand(page, "View: Toggle Panel Visibility");

    await frame.getByRole("tab", { name: "Sweep" }).click();
    await frame.getByRole("button", { name: "Show All 3 Runs" }).click();
    await frame.getByText(/^Best val_acc: .* with .*learning-rate 0.3/).waitFor();
    await shot("sweep");
    await frame.getByRole("tab", { name: "Charts" }).click();
    await frame.getByRole("img", { name: /val_acc of study .*; .*val_acc of study/ }).waitFor();
    await frame
      .getByRole("button", { name: /as reference$/ })
      .first()
      .click();
    await frame
      .getByRole("cell", { name: /(?:better|worse)$/ })
      .first()
      .waitFor();
    await shot("compared");
    await frame.getByLabel("Group by").selectOption("learning-rate");
    await frame.locator(".legend").getByRole("cell", { name: "learning-rate=0.3" }).first().waitFor();
    await shot("grouped");
    await frame.getByLabel("Group by").selectOption("nothing");

    const chart = frame.locator("article[data-tag=loss]");
    await zoomInto(page, chart);
    await chart.getByRole("button", { name: /^Reset the zoom/ }).waitFor();
    await shot("zoomed");
    await chart.locator(".u-over").dblclick();
    await chart.getByRole("button", { name: /^Reset the zoom/ }).waitFor({ state: "hidden" });
    await frame.getByLabel("Smoothing").fill("0.8");
    await frame.getByLabel("Logarithmic").check();
    await chart.locator(".u-over").hover({ position: { x: 120, y: 60 } });
    await frame.locator(".tooltip").getByText(/^step/).waitFor();
    await shot("smoothed");
    await frame.getByRole("tab", { name: "Table" }).click();
    await frame
      .getByRole("cell", { name: /val_acc$/ })
      .first()
      .waitFor();
    await shot("table");
    await frame.getByRole("tab", { name: "Charts" }).click();

    await chooseTheme(page, "Dark 2026", "vs-dark");
    await shot("dark");
    await chooseTheme(page, "Dark High Contrast", "hc-black");
    await shot("high-contrast");

    await waitForSavedState(page, /isLog[\\"]+:true[^}]*tab[\\"]+:[\\"]+charts/);
    await editor.reload();
    const again = await curvesFrame(editor.page);
    await again.getByRole("img", { name: /val_acc of study .*; .*val_acc of study/ }).waitFor();
    assert.equal(await again.getByLabel("Logarithmic").isChecked(), true, "what was chosen is chosen still");
    await shot("after-reload");

    const mark = again.getByRole("button", { name: /^Checkpoint .*step 100/ }).first();
    await mark.click();
    await shot("checkpoint-menu");
    await again.getByRole("menuitem", { name: "Resume From Here…" }).first().click();
    await waitFor("the plan that resumes", async () =>
      /--resume .*checkpoint_step_100\.safetensors/.test(await dialogText(editor.page)),
    );
    await shot("resume");
    await clickDialogButton(editor.page, "Cancel");
    await mark.click();
    await again.getByRole("menuitem", { name: "Inspect" }).first().click();
    await waitFor("what is in the checkpoint", async () => /checkpoint_step_100/.test(await activeTab(editor.page)));
    await shot("checkpoint");
  },
);
