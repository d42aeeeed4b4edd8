import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../host/profile.mjs";
import { pinnedNode, root } from "../paths.mjs";
import { runLogged } from "./command.mjs";

/**
 * The packages of package-lock.json, and among them the Node that runs everything else.
 * @type {import("./step.mjs").Step}
 */
export const npmPackages = {
  name: "npm-packages",
  title: "npm packages",
  hint: "under a minute the first time",
  isPresent: async () => (await exists(pinnedNode)) && (await matchesLock()),
  perform: async (log) => {
    if (!(await matchesLock())) {
      await runLogged(log, ["npm", "ci", "--no-audit", "--no-fund"], { cwd: root });
    }
    // .npmrc forbids install scripts; this one fetches the Node binary for the machine.
    await runLogged(log, ["npm", "rebuild", "node", "--ignore-scripts=false"], { cwd: root });
    await runLogged(log, [pinnedNode, "--version"]);
  },
};

/** npm writes the list of what it has installed last, so an interrupted install has none. */
async function matchesLock() {
  const [wanted, installed] = await Promise.all([
    readPackages(join(root, "package-lock.json")),
    readPackages(join(root, "node_modules", ".package-lock.json")),
  ]);
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional === true || installed[path]?.version === entry.version,
  );
}

/**
 * @param {string} file
 * @returns {Promise<Record<string, { version?: string, optional?: boolean }>>}
 */
async function readPackages(file) {
  try {
    return JSON.parse(await readFile(file, "utf8")).packages;
  } catch {
    return {};
  }
}
