import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether a program of that name can be started; asks the folders of PATH and starts nothing. */
export function isOnPath(command: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  return findOnPath(command, environment) !== undefined;
}

/** The file that a program of that name is; undefined where PATH leads to none. */
export function findOnPath(command: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const endings = process.platform === "win32" ? (environment["PATHEXT"] ?? ".EXE;.CMD").split(";") : [""];
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.flatMap((folder) => endings.map((ending) => join(folder, command + ending))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // What cannot be looked at cannot be started either.
    return false;
  }
}
