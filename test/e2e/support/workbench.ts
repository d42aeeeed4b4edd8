import type { FrameLocator, Locator, Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";

/** A notification that shows now or soon, by a part of its text. */
export async function waitForNotification(page: Page, text: string | RegExp, timeoutMs = 60_000): Promise<Locator> {
  const toast = page.locator(".notification-toast").filter({ hasText: text }).first();
  await toast.waitFor({ timeout: timeoutMs });
  return toast;
}

export async function clickNotificationButton(page: Page, text: string | RegExp, button: string): Promise<void> {
  const toast = await waitForNotification(page, text);
  await toast.getByRole("button", { name: button, exact: true }).click();
}

/** The messages of all notifications on screen. */
export async function notificationTexts(page: Page): Promise<string[]> {
  return page.locator(".notification-toast .notification-list-item-message").allInnerTexts();
}

/** Closes every notification on screen. */
export async function clearNotifications(page: Page): Promise<void> {
  const close = page.locator(".notification-toast").getByRole("button", { name: /^Clear Notification/ });
  while ((await close.count()) > 0) {
    await close.first().click();
  }
}

/** The items of the status bar, left to right, as text. */
export async function statusBarTexts(page: Page): Promise<string[]> {
  const texts = await page.locator(".part.statusbar .statusbar-item").allInnerTexts();
  return texts.map((text) => text.trim()).filter((text) => text !== "");
}

/** The first status-bar item that matches, once there is one. */
export async function waitForStatusBar(page: Page, pattern: RegExp, timeoutMs = 90_000): Promise<string> {
  return waitFor(
    `${pattern} in the status bar`,
    async () => (await statusBarTexts(page)).find((text) => pattern.test(text)),
    timeoutMs,
  );
}

/** The text of the modal dialog, once one shows. */
export async function dialogText(page: Page): Promise<string> {
  const box = page.locator(".monaco-dialog-box");
  await box.waitFor();
  return (await box.locator(".dialog-message-container").innerText()).trim();
}

export async function clickDialogButton(page: Page, button: string | RegExp): Promise<void> {
  const box = page.locator(".monaco-dialog-box");
  await box.getByRole("button", { name: button, exact: typeof button === "string" }).click();
  await box.waitFor({ state: "hidden" });
}

/** The rows of a tree view by the title of its section, each as a screen reader says it. */
export async function treeRows(page: Page, section: string): Promise<string[]> {
  return treeSection(page, section)
    .locator(".monaco-list-row")
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
}

/** A row of a tree view, to click, hover or open its menu. */
export function treeRow(page: Page, section: string, text: string | RegExp): Locator {
  return treeSection(page, section).locator(".monaco-list-row").filter({ hasText: text }).first();
}

function treeSection(page: Page, section: string): Locator {
  return page.locator(".pane").filter({ has: page.locator(`.pane-header[aria-label^="${section}"]`) });
}

/** Shows a container of the activity bar by its title; a click on the one that is shown would hide it. */
export async function openActivity(page: Page, title: string): Promise<void> {
  const tab = page.locator(".activitybar").getByRole("tab", { name: title });
  await tab.waitFor();
  const isShown = async () => (await tab.getAttribute("aria-expanded")) === "true";
  if (!(await isShown())) {
    await tab.click();
  }
  await waitFor(`the container ${title}`, isShown);
}

/** Opens the Problems view and gives its rows: files and, below each, its problems. */
export async function problemRows(page: Page): Promise<string[]> {
  const panel = page.locator(".markers-panel");
  if (!(await panel.isVisible())) {
    await page.keyboard.press("Control+Shift+M");
    await panel.waitFor();
  }
  return panel
    .locator(".monaco-list-row")
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
}

/** What the visible terminal shows. Needs the DOM renderer, which the test profile selects. */
export async function terminalText(page: Page): Promise<string> {
  const lines = await page.locator(".terminal-wrapper.active .xterm-rows > div").allInnerTexts();
  return lines.map((line) => line.replaceAll("\u00a0", " ").trimEnd()).join("\n");
}

/** The title of the editor tab in front, as a screen reader says it; waits for a tab. */
export async function activeTab(page: Page): Promise<string> {
  const tab = page.locator(".part.editor .tabs-container [role=tab][aria-selected=true]").first();
  return (await tab.getAttribute("aria-label")) ?? "";
}

/** Leaves Restricted Mode, as a person does from the status bar. */
export async function trustFolder(page: Page): Promise<void> {
  await page
    .locator(".part.statusbar")
    .getByRole("button", { name: /^Restricted Mode/ })
    .click();
  await page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
  await page.locator(".part.statusbar").getByText("Restricted Mode").waitFor({ state: "hidden" });
  // The trust editor lies over the window until it is closed.
  await page
    .locator(".monaco-modal-editor-block")
    .getByRole("button", { name: /^Close/ })
    .first()
    .click();
  await page.locator(".workspace-trust-editor").waitFor({ state: "hidden" });
}

/** VS Code writes what it keeps of a window to the browser's storage every few seconds; a reload before that loses it. */
export async function waitForSavedState(page: Page, pattern: RegExp): Promise<void> {
  const isSaved = async () => pattern.test(await readStorage(page));
  await waitFor(`${pattern} in the storage of the window`, isSaved, 90_000);
}

function readStorage(page: Page): Promise<string> {
  return page.evaluate(async () => {
    // The page knows nothing of this file, so what it needs stands inside.
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- see above
    const finished = <Result>(request: IDBRequest<Result>) =>
      new Promise<Result>((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(request.error ?? new Error("unreadable")));
      });
    const texts: string[] = [];
    for (const { name = "" } of await indexedDB.databases()) {
      const database = await finished(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        texts.push(JSON.stringify(await finished(database.transaction(store).objectStore(store).getAll())));
      }
      database.close();
    }
    return texts.join("\n");
  });
}

/** The page in front; pages behind it keep their frames. */
export function pageInFront(page: Page): FrameLocator {
  return page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("#active-frame");
}
