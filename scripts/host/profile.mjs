import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const QUIET_SETTINGS = {
  "workbench.startupEditor": "none",
  "extensions.autoCheckUpdates": false,
  "telemetry.telemetryLevel": "off",
};

/**
 * Makes the folder a VS Code profile: settings (those already there win) and extensions linked from their folders.
 * @param {import("./profile.mjs").ProfileOptions} options
 */
export async function prepareProfile({ userDataDir, extensionsDir, settings = {}, extensions }) {
  const settingsFile = join(userDataDir, "User", "settings.json");
  await mkdir(join(userDataDir, "User"), { recursive: true });
  if (!(await exists(settingsFile))) {
    await writeFile(settingsFile, `${JSON.stringify({ ...QUIET_SETTINGS, ...settings }, undefined, 2)}\n`);
  }
  await mkdir(extensionsDir, { recursive: true });
  // VS Code looks at the folder only when it has no list of it.
  await rm(join(extensionsDir, "extensions.json"), { force: true });
  for (const folder of extensions) {
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const id = `${manifest.publisher}.${manifest.name}`;
    await removeOtherVersions(extensionsDir, id);
    await symlink(folder, join(extensionsDir, `${id}-${manifest.version}`), "junction");
  }
}

/**
 * @param {string} extensionsDir
 * @param {string} id
 */
async function removeOtherVersions(extensionsDir, id) {
  for (const name of await readdir(extensionsDir)) {
    if (name.startsWith(`${id}-`)) {
      await rm(join(extensionsDir, name), { recursive: true, force: true });
    }
  }
}

/** @param {string} path */
export async function exists(path) {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
