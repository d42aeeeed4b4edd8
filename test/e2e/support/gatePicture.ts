import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";
import { lastReply, scrollToEnd } from "./chat.ts";
import type { Shot } from "./journey.ts";

export type Gate = {
  /** Counts from 1, as people do. */
  phase: number;
  /** The title of the phase. */
  title: string;
  /** What answers the gate, beside *Revise…* and *Open Document*. */
  buttons: readonly string[];
};

/**
 * A picture of a gate that waits, named by its phase. What a person needs to answer it has to be seen in it: the phase, what
 * the approval is for, and the buttons.
 */
export async function gatePicture(page: Page, shot: Shot, { phase, title, buttons }: Gate): Promise<void> {
  const reply = lastReply(page);
  const needed = [
    reply.getByText(new RegExp(`^Phase ${phase} of \\d+, ${title}\\.`)),
    reply.getByText("The approval is for exactly these documents:"),
    ...[...buttons, "Revise…", "Open Document"].map((name) => reply.getByRole("button", { name, exact: true })),
  ];
  let unseen: Locator[] = [];
  await waitFor(`the whole gate of phase ${phase} in the picture`, async () => {
    const seen = await Promise.all(needed.map((locator) => isInPicture(page, locator.last())));
    unseen = needed.filter((_, index) => seen[index] !== true);
    if (unseen.length > 0) {
      await scrollToEnd(page);
    }
    return unseen.length === 0;
  }).catch((error: unknown) => assert.fail(`${String(error)} Not seen: ${unseen.join(", ")}`));
  await shot(`gate-${String(phase).padStart(2, "0")}-${title.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`);
}

/** Whether all of an element lies in the part of the chat that shows: above the input, below the title. */
async function isInPicture(page: Page, locator: Locator): Promise<boolean> {
  const list = await page.locator(".interactive-session .interactive-list").boundingBox();
  const box = (await locator.isVisible()) ? await locator.boundingBox() : null;
  return (
    list !== null &&
    box !== null &&
    box.y >= list.y &&
    box.y + box.height <= list.y + list.height &&
    box.x >= list.x &&
    box.x + box.width <= list.x + list.width
  );
}
