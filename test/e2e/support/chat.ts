import type { Locator, Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";

const INPUT = ".interactive-session .interactive-input-editor";
const RESPONSE = ".interactive-session .monaco-list-row.response";
/** A prompt has to be answered within this time unless a journey says otherwise. */
const REPLY_TIMEOUT_MS = 60_000;
/** An answer that looks the same this long is drawn; words come every few frames. */
const DRAWN_MS = 400;
/** On a busy machine the drawing pauses. */
const DRAWN_LOOKS = 3;
/** After Enter the input is cleared, but for the agent that stays picked, within a frame or two. */
const SENT_MS = 2_000;

/** A pressed button asks its question within this time. */
const PRESSED_MS = 8_000;
/** What a button starts may be a whole phase of a workflow. */
const PRESSED_REPLY_MS = 120_000;

/** Opens the Chat view and waits until a model is picked: a prompt sent earlier fails with "Language model unavailable". */
export async function openChat(page: Page, { width }: { width?: number } = {}): Promise<void> {
  const input = page.locator(INPUT).first();
  if (!(await input.isVisible())) {
    await page.keyboard.press("Control+Alt+I");
    await input.waitFor();
  }
  await waitFor("a language model in the chat input", async () => (await modelName(page)) !== undefined);
  if (width !== undefined) {
    await widenChat(page, width);
  }
}

/** The model the chat will use, as the input box tells a screen reader. */
export async function modelName(page: Page): Promise<string | undefined> {
  const label = await page.locator(`${INPUT} [role=textbox]`).first().getAttribute("aria-label");
  return label?.match(/\., ([^.]+)\. {2}Press Enter/)?.[1];
}

/** Types a prompt in place of whatever the input holds, as a person does, without sending it. */
export async function typePrompt(page: Page, prompt: string): Promise<void> {
  await page.locator(INPUT).first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(prompt);
  await waitFor(
    `the prompt ${JSON.stringify(prompt)} in the input`,
    async () => withoutBlanks(await inputText(page)) === withoutBlanks(prompt),
  );
}

/** The box wraps a long prompt, also within its words. */
function withoutBlanks(text: string): string {
  return text.replaceAll(/\s/g, "");
}

/** What the input box holds, prefilled or typed. */
export async function inputText(page: Page): Promise<string> {
  const lines = await page.locator(`${INPUT} .view-lines .view-line`).allInnerTexts();
  return lines.join("\n").replaceAll("\u00a0", " ").trim();
}

/** Sends what the input holds. Gives a mark for `waitForReply`. */
export async function sendInput(page: Page): Promise<ReplyMark> {
  const mark = await replyMark(page);
  const prompt = await inputText(page);
  await page.locator(INPUT).first().click();
  // The completion list can open at any moment and takes Enter for itself; then the prompt stays, and Enter comes again.
  await waitFor("the prompt to be sent", async () => {
    const completions = page.locator(".suggest-widget.visible");
    if (await completions.isVisible()) {
      await page.keyboard.press("Escape");
      await completions.waitFor({ state: "hidden" });
    }
    await page.keyboard.press("Enter");
    return waitFor("the input to change", async () => (await inputText(page)) !== prompt, SENT_MS).catch(() => false);
  });
  return mark;
}

/** Types the prompt, sends it and gives the text of the finished answer. */
export async function ask(page: Page, prompt: string, timeoutMs = REPLY_TIMEOUT_MS): Promise<string> {
  await typePrompt(page, prompt);
  const mark = await sendInput(page);
  return waitForReply(page, mark, timeoutMs);
}

/** Where the conversation stood; whatever answers later comes after it. */
export type ReplyMark = { index: number };

export async function replyMark(page: Page): Promise<ReplyMark> {
  return { index: await lastIndex(page) };
}

/** The text of the first answer after the mark, once it is complete. */
export async function waitForReply(page: Page, mark: ReplyMark, timeoutMs = REPLY_TIMEOUT_MS): Promise<string> {
  await waitFor(
    "the answer",
    async () => (await lastIndex(page)) > mark.index && (await lastReply(page).locator(COMPLETED).count()) > 0,
    timeoutMs,
  );
  // The chat draws an answer word by word, also after it is complete.
  let shown = await replyText(page);
  let sameFor = 0;
  return waitFor("the answer to be drawn", async () => {
    const before = shown;
    await page.waitForTimeout(DRAWN_MS);
    shown = await replyText(page);
    sameFor = shown === before ? sameFor + 1 : 0;
    return sameFor >= DRAWN_LOOKS && shown !== "" && shown;
  });
}

const COMPLETED = ".chat-response-completed-at";

const WHEEL_TURNS = 40;

/** Shows a chat from its first line: a long answer is drawn to its end. */
export async function scrollToStart(page: Page): Promise<void> {
  await scroll(page, -1_000);
  await page.waitForTimeout(DRAWN_MS);
}

/** Shows the end of a chat, where its newest buttons are. */
export async function scrollToEnd(page: Page): Promise<void> {
  await scroll(page, 1_000);
}

async function scroll(page: Page, step: number): Promise<void> {
  const box = await page.locator(".interactive-session .interactive-list").boundingBox();
  if (box === null) {
    return;
  }
  // The middle of an answer may lie far outside of what is shown.
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  // However far a turn of the wheel would go, the chat moves by a step.
  for (let turn = 0; turn < WHEEL_TURNS; turn++) {
    await page.mouse.wheel(0, step);
  }
}

/** The latest answer, finished or not. */
export function lastReply(page: Page): Locator {
  return page.locator(RESPONSE).last();
}

/** The text of the latest answer as a person reads it, buttons included. */
export async function replyText(page: Page): Promise<string> {
  return (await lastReply(page).locator(".value").innerText()).trim();
}

/** The name of the agent that gave the latest answer. */
export async function replyAuthor(page: Page): Promise<string> {
  return (await lastReply(page).locator(".username").innerText()).trim();
}

/** The titles of the buttons under the latest answer. */
export async function replyButtons(page: Page): Promise<string[]> {
  return lastReply(page).locator(".chat-command-button .monaco-button").allInnerTexts();
}

/** Presses a button of the conversation: under an answer, in a confirmation, or a follow-up above the input. */
export async function clickButton(page: Page, title: string, timeoutMs = REPLY_TIMEOUT_MS): Promise<void> {
  const button = page.locator(".interactive-session").getByRole("button", { name: title, exact: true }).last();
  await button.click({ timeout: timeoutMs });
}

/**
 * Presses a button under an answer and gives the answer that follows; `meanwhile` answers what the button asks first. A
 * press while the list still moves is lost, so that one without any effect is made again.
 */
export async function pressAndWait(page: Page, title: string, meanwhile?: () => Promise<void>): Promise<string> {
  const mark = await replyMark(page);
  await waitForButton(page, title);
  if (meanwhile === undefined) {
    const isAnswered = async () => (await lastIndex(page)) > mark.index;
    const press = async () => {
      // A button that is gone was pressed, and its answer comes late.
      await clickButton(page, title, PRESSED_MS).catch(() => undefined);
      return waitFor("an answer", isAnswered, PRESSED_MS).catch(() => false);
    };
    await waitFor(`an answer to ${title}`, press, PRESSED_REPLY_MS);
  } else {
    await clickButton(page, title);
    await meanwhile();
  }
  return waitForReply(page, mark, PRESSED_REPLY_MS);
}

/** Waits for a button that only appears later, for example a confirmation. */
export async function waitForButton(page: Page, title: string, timeoutMs = REPLY_TIMEOUT_MS): Promise<void> {
  const button = page.locator(".interactive-session").getByRole("button", { name: title, exact: true }).last();
  await button.waitFor({ timeout: timeoutMs });
}

/** What the completion list offers for the text typed so far, for example the agents after "@". */
export async function suggestions(page: Page): Promise<string[]> {
  const suggestion = page.locator(".suggest-widget.visible .monaco-list-row").first();
  // The list opens by itself while a person types; typed faster than that, it has to be asked for.
  await waitFor("the completion list", async () => {
    if (await suggestion.isVisible()) {
      return true;
    }
    await page.keyboard.press("Control+Space");
    return suggestion.waitFor({ timeout: SENT_MS }).then(
      () => true,
      () => false,
    );
  });
  const labels = await page
    .locator(".suggest-widget.visible .monaco-list-row")
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
  return labels;
}

/** Drags the border of the Chat view until the view is this wide. */
async function widenChat(page: Page, width: number): Promise<void> {
  const box = await page.locator(".part.auxiliarybar").boundingBox();
  const viewport = page.viewportSize();
  if (box === null || viewport === null) {
    return;
  }
  await page.mouse.move(box.x - 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(viewport.width - width, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
}

async function lastIndex(page: Page): Promise<number> {
  const indexes = await page
    .locator(RESPONSE)
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-index"))));
  return Math.max(-1, ...indexes);
}

/** The button of the chat's newest question whether a tool may do its work. */
export async function waitForAllow(page: Page): Promise<Locator> {
  const allow = page
    .locator(".interactive-session")
    .getByRole("button", { name: /^Allow/ })
    .last();
  await allow.waitFor({ timeout: 60_000 });
  return allow;
}
