import { findBrowser } from "../host/programs.mjs";
import { installWithApt } from "./command.mjs";
import { SetUpError } from "./step.mjs";

/**
 * A browser of the Chromium family, headless, for the suites that run in the web host.
 * @type {import("./step.mjs").Step}
 */
export const browser = {
  name: "browser",
  title: "Browser for the tests",
  hint: "about a minute the first time",
  isPresent: async () => findBrowser() !== undefined,
  perform: async (log) => {
    if (findBrowser() === undefined) {
      await installWithApt(log, "A browser (Chromium, Chrome or Edge)", ["chromium", "fonts-dejavu-core"]);
    }
    if (findBrowser() === undefined) {
      throw new SetUpError("No Chromium, Chrome or Edge was found. Install one, or name it in TRAINYARD_CHROMIUM.");
    }
  },
};
