import { FILLED_BY_PROGRAMS } from "../../node/workflow/agentFiles.ts";

/** A glob of what no person writes: what programs fill, what git and environments hold, and the given folders. */
export function excludedFiles(...folders: readonly string[]): string {
  const all = [...FILLED_BY_PROGRAMS, ".venv", "venv", ".git", ...folders];
  return `{${[...all.map((folder) => `**/${folder}/**`), "**/.coverage", "**/.coverage.*"].join(",")}}`;
}
