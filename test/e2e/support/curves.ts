import type { Frame, Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";

/** The page of the panel lies two frames deep. */
export async function curvesFrame(page: Page): Promise<Frame> {
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
