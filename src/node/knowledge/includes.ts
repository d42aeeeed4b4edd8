import { join, posix } from "node:path";
import { type Reading, ReadingBuilder } from "../../core/knowledge/manifests/reading.ts";
import { isRequirementsFile, readRequirementsTxt } from "../../core/knowledge/manifests/requirementsTxt.ts";
import { readFileText } from "./fileText.ts";

/** Longer chains are cycles of a kind that only a person would untangle. */
const MAX_INCLUDED = 200;

/**
 * The readings with those of the files that requirements files include (`-r`, `-c`) and that nothing else read. A missing
 * file, one outside of the workspace folder and a cycle are problems on the line of the include.
 */
export function readIncludes(root: string, readings: ReadonlyMap<string, Reading>): ReadonlyMap<string, Reading> {
  const all = new Map(readings);
  const queue = [...readings.keys()];
  let included = 0;
  for (const path of queue) {
    const reading = all.get(path);
    const includes = reading?.statements.filter((statement) => statement.kind === "include") ?? [];
    if (reading === undefined || includes.length === 0) {
      continue;
    }
    const problems = new ReadingBuilder();
    for (const { path: written, as, line } of includes) {
      const target = targetOf(path, written);
      if (target.kind === "problem") {
        problems.report("unreadable-include", line, target.message, target.severity);
      } else if (leadsTo(all, target.path, path)) {
        problems.report("include-cycle", line, `\`${written}\` includes this file again; pip reads it once.`);
      }
      if (target.kind === "path" && !all.has(target.path) && included < MAX_INCLUDED) {
        included += 1;
        const read = readIncluded(root, target.path, as);
        if (read === undefined) {
          problems.report("unreadable-include", line, `\`${written}\` cannot be read: there is no such file.`, "error");
        } else {
          all.set(target.path, read);
          queue.push(target.path);
        }
      }
    }
    all.set(path, { ...reading, problems: [...reading.problems, ...problems.problems] });
  }
  return all;
}

type Target =
  | { kind: "path"; path: string }
  | { kind: "problem"; message: string; severity: "warning" | "information" };

/** Relative to the file that includes it, as pip does. */
function targetOf(from: string, written: string): Target {
  if (/^[a-z][a-z+.-]*:\/\//i.test(written)) {
    return {
      kind: "problem",
      message: `\`${written}\` lies on the network and was not read.`,
      severity: "information",
    };
  }
  const path = posix.normalize(posix.join(posix.dirname(from), written.replaceAll("\\", "/")));
  const isOutside = posix.isAbsolute(written) || /^[A-Za-z]:/.test(written) || path === ".." || path.startsWith("../");
  return isOutside
    ? {
        kind: "problem",
        message: `\`${written}\` lies outside of the workspace folder and was not read.`,
        severity: "warning",
      }
    : { kind: "path", path };
}

function readIncluded(root: string, path: string, as: "requirements" | "constraints"): Reading | undefined {
  const file = readFileText(join(root, path), 1_000_000);
  if (file.kind !== "text") {
    return undefined;
  }
  // The name tells pip nothing: the option does.
  const name = as === "constraints" ? "constraints.txt" : isRequirementsFile(path) ? path : "requirements.txt";
  return readRequirementsTxt({ path: name, text: file.text });
}

/** Whether a file includes another, over whatever files between. */
function leadsTo(readings: ReadonlyMap<string, Reading>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const queue = [from];
  for (const path of queue) {
    if (path === to) {
      return true;
    }
    for (const statement of seen.has(path) ? [] : (readings.get(path)?.statements ?? [])) {
      const target = statement.kind === "include" ? targetOf(path, statement.path) : undefined;
      if (target?.kind === "path") {
        queue.push(target.path);
      }
    }
    seen.add(path);
  }
  return false;
}
