import { type BrowserContext, chromium } from "playwright-core";
import { findBrowser } from "../../../scripts/host/programs.mjs";

const QUIET_BROWSER = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless browser whose storage lives in `profileDir`, so that it can be closed and opened again like a window. */
export async function openBrowser(profileDir: string, height = 800): Promise<BrowserContext> {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    throw new Error("No Chromium, Chrome or Edge was found. Install one or name it in TRAINYARD_CHROMIUM.");
  }
  return chromium.launchPersistentContext(profileDir, {
    executablePath,
    args: QUIET_BROWSER,
    headless: true,
    viewport: { width: 1280, height },
    deviceScaleFactor: 1,
    reducedMotion: "reduce",
  });
}
