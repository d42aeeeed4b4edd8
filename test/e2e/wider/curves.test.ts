import assert from "node:assert/strict";
import type { Frame, Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import { startTraining } from "../support/runs.ts";
import {
  activeTab,
  clearNotifications,
  openActivity,
  treeRow,
  waitForNotification,
  waitForSavedState,
  waitForStatusBar,
} from "../support/workbench.ts";

/** The page of the panel lies two frames deep. */
async function curvesFrame(page: Page): Promise<Frame> {
  return waitFor("the panel of curves", async () => {
    for (const frame of page.frames()) {
      if (
        (await frame
          .locator("#charts")
          .count()
          .catch(() => 0)) > 0
      ) {
        return frame;
      }
    }
    return undefined;
  });
}

journey(
  import.meta.url,
  "curves are drawn while a training runs, beside those of another run, and come back after a reload",
  {},
  async (editor, shot) => {
    const { page } = editor;
    await openActivity(page, "Trainyard");
    await startTraining(editor, "train.py", "--epochs 2");
    await waitForNotification(page, /Run train finished/, 120_000);
    await clearNotifications(page);
    await startTraining(editor, "train.py", "--epochs 4 --learning-rate 0.01");
    await waitForStatusBar(page, /epoch 2\/4/, 120_000);

    await runCommand(page, "Trainyard: Show Curves");
    const frame = await curvesFrame(page);
    const loss = frame.getByRole("img", { name: /step_loss of train: from/ });
    await loss.waitFor();
    const first = await loss.getAttribute("aria-label");
    await shot("live");
    await waitFor("the curve to grow", async () => (await loss.getAttribute("aria-label")) !== first);
    await waitForNotification(page, /Run train finished/, 120_000);
    await clearNotifications(page);

    await frame.getByRole("button", { name: "Choose Runs…" }).click();
    await page.locator(".quick-input-widget:visible .quick-input-list").waitFor();
    await page.locator(".quick-input-widget:visible").getByRole("checkbox").first().check();
    await page.getByRole("button", { name: "OK" }).click();
    await frame.getByRole("img", { name: /val_acc of train: .*; .*val_acc of train/ }).waitFor();
    await shot("two-runs");
    await frame.getByLabel("Smoothing").fill("0.8");
    await frame.getByLabel("Logarithmic").check();
    await shot("smoothed");
    await frame.getByLabel("As table").check();
    await frame
      .getByRole("cell", { name: /val_acc$/ })
      .first()
      .waitFor();
    await shot("table");
    await frame.getByLabel("As table").uncheck();

    await runCommand(page, "Preferences: Color Theme");
    await page.keyboard.type("Dark High Contrast");
    await pick(page, "Dark High Contrast");
    await page.locator(".monaco-workbench.hc-black").waitFor();
    await shot("high-contrast");

    await waitForSavedState(page, /isLog[\\"]+:true/);
    await editor.reload();
    const again = await curvesFrame(editor.page);
    await again.getByRole("img", { name: /val_acc of train: .*; .*val_acc of train/ }).waitFor();
    assert.equal(await again.getByLabel("Logarithmic").isChecked(), true, "what was chosen is chosen still");
    await shot("after-reload");

    await again
      .getByRole("button", { name: /^Checkpoint .*step/ })
      .first()
      .click();
    await waitFor("what is in the checkpoint", async () =>
      /epoch_\d+\.pt|Checkpoint/.test(await activeTab(editor.page)),
    );
    await shot("checkpoint");
    await treeRow(editor.page, "Runs and Checkpoints", "train").waitFor();
  },
);
