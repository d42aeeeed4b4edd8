import { basename } from "node:path";
import type { Locator, Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";

/** The dialog closes within this time of a press that it took. */
const FILE_DIALOG_MS = 2_000;

const widget = (page: Page): Locator => page.locator(".quick-input-widget:visible");

/** Runs a command from the Command Palette by its full title, "Category: Title". */
export async function runCommand(page: Page, title: string): Promise<void> {
  // A page of a webview that has the focus and is not loaded yet keeps the key for itself, and takes the focus once it is.
  await waitFor("the Command Palette", async () => {
    await page.keyboard.press("F1");
    return (await isSoon(widget(page), "visible")) && isFilled(widget(page).locator("input.input"), `>${title}`);
  });
  await option(page, title).click();
}

/** Chooses the entry of a quick pick whose label starts with the text. */
export async function pick(page: Page, label: string): Promise<void> {
  await option(page, label).waitFor();
  // A click while the list is still drawn is lost; it is made again as long as nothing has changed.
  const shown = () => widget(page).allInnerTexts().then(String);
  const before = await shown();
  await waitFor(`"${label}" to be taken`, async () => {
    if ((await shown()) !== before) {
      return true;
    }
    await option(page, label).click();
    return waitFor("another list", async () => (await shown()) !== before, FILE_DIALOG_MS).catch(() => false);
  });
}

/** The labels a quick pick offers right now, details included. */
export async function pickLabels(page: Page): Promise<string[]> {
  await widget(page).getByRole("option").first().waitFor();
  return widget(page)
    .getByRole("option")
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
}

/** Answers the input box with this title; in a multi-step input the one before it may still show for a moment. */
export async function answerTo(page: Page, title: string, text: string): Promise<void> {
  await widget(page).locator(".quick-input-title").filter({ hasText: title }).waitFor();
  await answer(page, text);
}

/** Answers an input box. */
export async function answer(page: Page, text: string): Promise<void> {
  await typeAnswer(page, text);
  await page.keyboard.press("Enter");
}

/** Types into an input box without accepting. */
export async function typeAnswer(page: Page, text: string): Promise<void> {
  await inputBox(page);
  await widget(page).locator("input.input").fill(text);
}

/** Chooses a file or a folder in VS Code's own file dialog, by its path. */
export async function chooseInFileDialog(page: Page, path: string): Promise<void> {
  const input = widget(page).locator("input.input");
  await input.waitFor();
  // The dialog puts a folder of its own over what is typed too early, and takes its own folder while it still reads the typed one.
  await waitFor("the file dialog to take the path", async () => {
    if ((await input.inputValue()) !== path) {
      await input.fill(path);
    }
    const listed = await isSoon(option(page, basename(path)), "visible");
    if (!listed || (await input.inputValue()) !== path) {
      return false;
    }
    await widget(page).locator(".quick-input-action").getByRole("button").click({ timeout: FILE_DIALOG_MS });
    return isSoon(widget(page), "hidden");
  });
}

/** Saves to the place that VS Code's own dialog proposes, and gives its path. */
export async function acceptSaveDialog(page: Page): Promise<string> {
  const input = widget(page).locator("input.input");
  await input.waitFor();
  const path = await waitFor("a proposed place", async () => {
    const proposed = await input.inputValue();
    return /[^/\\]\.\w+$/.test(proposed) && proposed;
  });
  await waitFor("the dialog to take it", async () => {
    await page.keyboard.press("Enter");
    return isSoon(widget(page), "hidden");
  });
  return path;
}

async function isSoon(locator: Locator, state: "visible" | "hidden"): Promise<boolean> {
  return locator.waitFor({ state, timeout: FILE_DIALOG_MS }).then(
    () => true,
    () => false,
  );
}

/** What the input holds before anything is typed. */
export async function proposedAnswer(page: Page): Promise<string> {
  await inputBox(page);
  return widget(page).locator("input.input").inputValue();
}

/** The prompt or the complaint under an input box. */
export async function message(page: Page): Promise<string> {
  await widget(page).waitFor();
  return waitFor("a message under the input box", async () => {
    const text = (await widget(page).locator(".quick-input-message").innerText()).trim();
    return text === "" ? undefined : text;
  });
}

export async function dismiss(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await widget(page).waitFor({ state: "hidden" });
}

/** An input box is the same widget as a quick pick, without its list; one follows the other in a multi-step input. */
async function inputBox(page: Page): Promise<void> {
  await widget(page).waitFor();
  await widget(page).locator(".quick-input-list").waitFor({ state: "hidden" });
}

function option(page: Page, label: string): Locator {
  const escaped = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return widget(page)
    .getByRole("option", { name: new RegExp(`^${escaped}`) })
    .first();
}

function isFilled(input: Locator, text: string): Promise<boolean> {
  return input.fill(text, { timeout: FILE_DIALOG_MS }).then(
    () => true,
    () => false,
  );
}
