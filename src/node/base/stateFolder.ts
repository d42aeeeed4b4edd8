import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where a user's state lies that every window, every workspace and the command line share: the place each system
 * has for it (XDG base directories on Linux).
 */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.platform === "win32") {
    return join(environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "Trainyard");
  }
  if (process.platform === "darwin") {
    return join(homedir(), "Library", "Application Support", "Trainyard");
  }
  return join(environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "trainyard");
}
