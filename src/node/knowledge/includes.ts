import { realpathSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { type Reading, ReadingBuilder, type Statement } from "../../core/knowledge/manifests/reading.ts";
import {
  isRequirementsFile,
  readRequirementsTxt,
  requirementsGroup,
} from "../../core/knowledge/manifests/requirementsTxt.ts";
import { ancestorsOf, folderOf } from "../../core/knowledge/nearness.ts";
import { contains } from "../base/workspacePath.ts";
import { readFileText } from "./fileText.ts";

/** Longer chains are cycles of a kind that only a person would untangle. */
const MAX_INCLUDED = 200;

/**
 * The readings with those of the files that requirements files include (`-r`, `-c`) and that nothing else read. What an
 * included file holds is a requirement or a constraint by the option, as for pip, and not by its name. A missing file, one
 * outside of the workspace folder and a cycle are problems on the line of the include.
 */
export function readIncludes(root: string, readings: ReadonlyMap<string, Reading>): ReadonlyMap<string, Reading> {
  const walk = new IncludeWalk(root, readings);
  for (const [path, { statements }] of readings) {
    if (statements.some(({ kind }) => kind === "include")) {
      walk.visit(path);
    }
  }
  walk.restand();
  return walk.readings;
}

/** A file whose includes are being followed: the next of them, and the problems of those before. */
type OpenFile = { path: string; includes: readonly Include[]; next: number; problems: ReadingBuilder };

type Include = Extract<Statement, { kind: "include" }>;

/** Goes down each include once. One that leads back to a file on the way down closes a cycle. */
class IncludeWalk {
  readonly readings: Map<string, Reading>;
  readonly #root: string;
  readonly #seen = new Set<string>();
  readonly #refused = new Map<string, string>();
  readonly #includedAs = new Map<string, Set<Include["as"]>>();
  #included = 0;

  constructor(root: string, readings: ReadonlyMap<string, Reading>) {
    this.#root = root;
    this.readings = new Map(readings);
  }

  visit(start: string): void {
    const way: OpenFile[] = [];
    const onWay = new Set<string>();
    const enter = (path: string) => {
      if (this.#seen.has(path)) {
        return;
      }
      this.#seen.add(path);
      const includes = this.readings.get(path)?.statements.filter((statement) => statement.kind === "include") ?? [];
      if (includes.length > 0) {
        way.push({ path, includes, next: 0, problems: new ReadingBuilder() });
        onWay.add(path);
      }
    };
    enter(start);
    for (let file = way.at(-1); file !== undefined; file = way.at(-1)) {
      const include = file.includes[file.next++];
      if (include === undefined) {
        this.#close(file);
        onWay.delete(file.path);
        way.pop();
        continue;
      }
      const target =
        include.from === "shell" ? this.#locate(file.path, include.path) : targetOf(folderOf(file.path), include.path);
      if (target.kind === "problem") {
        file.problems.report("unreadable-include", include.line, target.message, target.severity);
        continue;
      }
      this.#note(target.path, file.path, include.as);
      if (onWay.has(target.path)) {
        file.problems.report(
          "include-cycle",
          include.line,
          `\`${include.path}\` includes this file again, and pip stops at such a circle. Remove one of the two lines.`,
        );
      } else if (this.#read(target.path, include, file.problems)) {
        enter(target.path);
      }
    }
  }

  /** Gives what the included files hold the standing that the options say. */
  restand(): void {
    for (const [path, options] of this.#includedAs) {
      const reading = this.readings.get(path);
      if (reading !== undefined) {
        const standing = options.has("requirements") ? "declared" : "constraint";
        const statements = reading.statements.map(
          (statement): Statement => (statement.kind === "package" ? { ...statement, standing } : statement),
        );
        this.readings.set(path, { ...reading, statements });
      }
    }
  }

  #note(path: string, from: string, as: Include["as"]): void {
    if (as === "constraints" && standsAlone(path, from)) {
      return;
    }
    const options = this.#includedAs.get(path) ?? new Set();
    this.#includedAs.set(path, options.add(as));
  }

  /** A line of a shell runs in a folder that only the run tells: mostly in that of its file, or in one around it. */
  #locate(from: string, written: string): Target {
    const targets = ancestorsOf(folderOf(from)).map((folder) => targetOf(folder, written));
    const message = `\`${written}\` is no file of this workspace, so that what it asks for is not known.`;
    return (
      targets.find((target) => target.kind === "path" && this.#isThere(target.path)) ??
      targets.find(({ kind }) => kind === "problem" && ADDRESS.test(written)) ?? {
        kind: "problem",
        message,
        severity: "information",
      }
    );
  }

  #isThere(path: string): boolean {
    return this.readings.has(path) || realFile(join(this.#root, path)) !== undefined;
  }

  /** Whether there is a reading of an included file now. */
  #read(path: string, { path: written, line }: Include, problems: ReadingBuilder): boolean {
    if (this.readings.has(path)) {
      return true;
    }
    if (!this.#refused.has(path)) {
      if (this.#included >= MAX_INCLUDED) {
        return false;
      }
      this.#included += 1;
      const read = readIncluded(this.#root, path);
      if (typeof read !== "string") {
        this.readings.set(path, read);
        return true;
      }
      this.#refused.set(path, read);
    }
    problems.report("unreadable-include", line, `\`${written}\` ${this.#refused.get(path)}.`, "error");
    return false;
  }

  #close({ path, problems }: OpenFile): void {
    const reading = this.readings.get(path);
    if (reading !== undefined && problems.problems.length > 0) {
      this.readings.set(path, { ...reading, problems: [...reading.problems, ...problems.problems] });
    }
  }
}

/**
 * Whether people also install from a file that only limits versions where it is included: from `requirements.txt`, and from
 * one on which that for another purpose is layered (`-c prod.txt` in `dev.in`, as pip-tools advises).
 */
function standsAlone(path: string, from: string): boolean {
  const isNamedConstraints = /constraints[^/]*$/i.test(path);
  const isMain = /(?:^|\/)requirements\.(?:txt|in)$/i.test(path);
  return (
    isMain || (!isNamedConstraints && isRequirementsFile(path) && requirementsGroup(path) !== requirementsGroup(from))
  );
}

type Target =
  | { kind: "path"; path: string }
  | { kind: "problem"; message: string; severity: "warning" | "information" };

const ADDRESS = /^[a-z][a-z+.-]*:\/\//i;

/** Relative to the folder of the file that includes it, as pip does. */
function targetOf(folder: string, written: string): Target {
  if (ADDRESS.test(written)) {
    return {
      kind: "problem",
      message: `\`${written}\` lies on the network and was not read.`,
      severity: "information",
    };
  }
  const path = posix.normalize(posix.join(folder, written.replaceAll("\\", "/")));
  const isOutside = posix.isAbsolute(written) || /^[A-Za-z]:/.test(written) || path === ".." || path.startsWith("../");
  return isOutside
    ? {
        kind: "problem",
        message: `\`${written}\` lies outside of the workspace folder and was not read.`,
        severity: "warning",
      }
    : { kind: "path", path };
}

/** What an included file says, or the end of a sentence on why it was not read: its lines would be shown as problems. */
function readIncluded(root: string, path: string): Reading | string {
  const real = realFile(join(root, path));
  if (real === undefined) {
    return "cannot be read: there is no such file";
  }
  if (!contains(realpathSync(root), real)) {
    return "is a link that leads out of the workspace folder and was not read";
  }
  const file = readFileText(real, 1_000_000);
  if (file.kind !== "text") {
    return file.kind === "unreadable" ? `cannot be read: ${file.reason}` : "is too large to be a requirements file";
  }
  return readRequirementsTxt({ path: isRequirementsFile(path) ? path : "requirements.txt", text: file.text });
}

/** Where a file really lies; nothing where there is none, and for pipes and devices, which never end. */
function realFile(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return statSync(real).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}
