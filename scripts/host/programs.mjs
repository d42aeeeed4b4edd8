import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const BROWSER_NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
  "msedge",
];
const MAC_BROWSERS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

/**
 * The first of the programs that is on PATH, as an absolute path.
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function findOnPath(names) {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const suffixes = process.platform === "win32" ? [".cmd", ".exe"] : [""];
  const candidates = names.flatMap((name) =>
    folders.flatMap((folder) => suffixes.map((suffix) => join(folder, name + suffix))),
  );
  return candidates.find(isExecutable);
}

/**
 * A browser of the Chromium family, which the tests drive; TRAINYARD_CHROMIUM names another one.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const named = process.env["TRAINYARD_CHROMIUM"];
  return named ?? findOnPath(BROWSER_NAMES) ?? MAC_BROWSERS.find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
