import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exists } from "../host/profile.mjs";
import { codeServerEntry, codeServerFolder } from "../paths.mjs";
import { pinnedNodeEnvironment, runLogged } from "./command.mjs";
import { hashFiles } from "./step.mjs";

const VERSION = "4.139.1";
const QUIET = ["--ignore-scripts", "--no-audit", "--no-fund"];
const standIns = fileURLToPath(new URL("standIns", import.meta.url));

/**
 * The web host: the same workbench and extension host as the desktop VS Code, from npm.
 * @type {import("./step.mjs").Step}
 */
export const codeServer = {
  name: "code-server",
  title: "VS Code web host",
  hint: "about half a minute and 620 MB the first time",
  isPresent: () => exists(codeServerEntry),
  fingerprint: async () => `${VERSION} ${process.platform} ${process.arch} ${await hashFiles([standIns])}`,
  perform: async (log) => {
    const partial = `${codeServerFolder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, "package.json"), '{ "private": true }\n');
    const env = pinnedNodeEnvironment();
    await runLogged(log, ["npm", "install", `code-server@${VERSION}`, ...QUIET], { cwd: partial, env });
    const vscode = join(partial, "node_modules", "code-server", "lib", "vscode");
    await runLogged(log, ["npm", "install", "--omit=dev", ...QUIET], { cwd: vscode, env });
    await runLogged(log, ["npm", "install", "--omit=dev", ...QUIET], { cwd: join(vscode, "extensions"), env });
    await cp(join(standIns, "spdlog.cjs"), join(vscode, "node_modules", "@vscode", "spdlog", "index.js"));
    await cp(
      join(standIns, "nativeWatchdog.cjs"),
      join(vscode, "node_modules", "@vscode", "native-watchdog", "index.js"),
    );
    // The one before stays until the new one is whole: without a network there would be none.
    await rm(codeServerFolder, { recursive: true, force: true });
    await rename(partial, codeServerFolder);
  },
};
