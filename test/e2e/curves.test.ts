import type { FrameLocator, Page } from "playwright-core";
import { ask, clickButton, openChat } from "./support/chat.ts";
import { journey } from "./support/journey.ts";
import { runCommand } from "./support/quickInput.ts";
import { waitForNotification } from "./support/workbench.ts";

/** The page of the curves: a frame in the frame that VS Code gives every webview. */
function curvesPage(page: Page): FrameLocator {
  return page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
}

async function train(page: Page, epochs: number): Promise<void> {
  await ask(page, `@ml-trainer /train epochs ${epochs}`);
  await clickButton(page, "Start");
}

journey(
  import.meta.url,
  "curves draw themselves while a training runs, compare two runs, and come back after a reload",
  {},
  async (editor, shot) => {
    const { page } = editor;
    await runCommand(page, "Trainyard: Show Curves…");
    await curvesPage(page).getByText("No training logs yet").waitFor();
    await shot("empty");
    await openChat(page, { width: 420 });
    await train(page, 4);
    // Importing torch takes a minute where several things run at once.
    await curvesPage(page).locator("canvas").first().waitFor({ timeout: 120_000 });
    await shot("live");
    await waitForNotification(page, /Run train finished/, 180_000);
    await train(page, 2);
    await curvesPage(page).locator("#runs tbody tr").nth(1).waitFor({ timeout: 120_000 });
    await curvesPage(page).getByText("Pin").first().click();
    await curvesPage(page).locator(".mark").first().waitFor({ timeout: 60_000 });
    await shot("two runs");
    await waitForNotification(page, /Run train finished/, 180_000);
    await editor.reload();
    await curvesPage(editor.page).getByText("Reference").waitFor();
    await curvesPage(editor.page).locator(".mark").first().waitFor();
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await shot("reloaded");
    await curvesPage(editor.page).locator(".mark").first().click();
    await editor.page.getByRole("tab", { name: /checkpoint_epoch/ }).waitFor();
    await shot("checkpoint");
  },
);
