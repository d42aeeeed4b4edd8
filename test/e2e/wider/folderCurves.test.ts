import assert from "node:assert/strict";
import { appendFile, cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../../scripts/paths.mjs";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, openChat, replyButtons } from "../support/chat.ts";
import { curvesFrame } from "../support/curves.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import { activeTab, waitForSavedState } from "../support/workbench.ts";

const FIXTURES = join(root, "test", "fixtures", "metrics");

/** Some epochs of a table as Keras writes it. */
function rows(from: number, until: number, rate: number): string {
  const epochs = Array.from({ length: until - from }, (_, index) => from + index);
  return epochs
    .map((epoch) => `${epoch},${2 * Math.exp(-epoch * rate) + 0.1},${1 - Math.exp(-epoch * rate)}\n`)
    .join("");
}

async function writeTable(folder: string, rate: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "metrics.csv"), `epoch,loss,val_accuracy\n${rows(0, 40, rate)}`);
}

journey(
  import.meta.url,
  "logs that a training elsewhere wrote are offered, shown live, compared and kept over a reload",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    const logs = join(workspace, "runs");
    await writeTable(join(logs, "slow"), 0.02);
    await writeTable(join(logs, "sweep", "fast"), 0.1);
    await cp(join(FIXTURES, "tensorboardx"), join(logs, "tensorboardx"), { recursive: true });
    await cp(join(FIXTURES, "lightning", "table"), join(workspace, "lightning_logs"), { recursive: true });

    await runCommand(page, "Trainyard: Show Curves");
    const frame = await curvesFrame(page);
    const offer = frame.getByRole("button", { name: "Show Curves of runs (3 runs or stores)" });
    await offer.waitFor();
    await shot("offered");
    await offer.click();
    await frame.getByText("Runs in runs (3 of 3 shown)").waitFor();
    for (const name of ["slow", "sweep/fast", "tensorboardx/first"]) {
      await frame.getByRole("cell", { name }).first().waitFor();
    }
    assert.match(await activeTab(page), /Curves of runs/);
    const loss = frame.getByRole("img", { name: /^(?=.*loss of slow: )(?=.*loss of sweep\/fast: )/ });
    await loss.waitFor();
    await shot("shown");

    const before = await loss.getAttribute("aria-label");
    await appendFile(join(logs, "slow", "metrics.csv"), rows(40, 50, 0.02));
    await waitFor("the curve to grow", async () => (await loss.getAttribute("aria-label")) !== before);
    await writeTable(join(logs, "sweep", "third"), 0.05);
    await frame.getByRole("cell", { name: "sweep/third" }).first().waitFor();
    for (const [theme, className] of [
      ["Dark 2026", "vs-dark"],
      ["Dark High Contrast", "hc-black"],
      ["Light 2026", "vs"],
    ] as const) {
      await runCommand(page, "Preferences: Color Theme");
      await page.keyboard.type(theme);
      await pick(page, theme);
      await page.locator(`.monaco-workbench.${className}`).waitFor();
      await shot(className);
    }

    await frame.getByLabel("Filter runs").fill("sweep");
    await frame.getByText("Runs in runs (2 of 4 shown)").waitFor();
    await frame.getByRole("img", { name: /^(?!.*loss of slow: )(?=.*loss of sweep\/fast: )/ }).waitFor();
    await shot("filtered-runs");
    await frame.getByLabel("Filter runs").fill("");
    await frame.getByText("Runs in runs (4 of 4 shown)").waitFor();

    await frame.getByLabel("Axis").selectOption("relative");
    const chart = frame.locator("article[data-tag=loss]");
    await chart.scrollIntoViewIfNeeded();
    const untimed = chart.getByText("Its logs tell no times. Choose the axis Step.");
    await untimed.waitFor();
    await shot("no-times");
    await frame.getByLabel("Axis").selectOption("step");
    await untimed.waitFor({ state: "hidden" });

    await frame.getByLabel("Logarithmic").check();
    await waitForSavedState(page, /folder[\\"]+:[^}]*isLog[\\"]+:true/);
    await editor.reload();
    const again = await curvesFrame(editor.page);
    await again.getByText("Runs in runs (4 of 4 shown)").waitFor();
    await again.getByRole("img", { name: /loss of sweep\/third/ }).waitFor();

    await openChat(editor.page, { width: 460 });
    const reply = await ask(editor.page, "@ml-trainer /monitor lightning_logs");
    assert.match(reply, /lightning_logs.*one run[\s\S]*train_loss/);
    assert.deepEqual((await replyButtons(editor.page))[0], "Show Curves");
    await shot("monitor");
    await clickButton(editor.page, "Show Curves");
    await again.getByText(/Runs in lightning_logs \(1 of 1 shown\)/).waitFor();
    await shot("another-folder");

    await mkdir(join(workspace, "empty"));
    assert.match(await ask(editor.page, "@ml-trainer /monitor empty"), /no values in empty.*Looked for TensorBoard/s);
  },
);
