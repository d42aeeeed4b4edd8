import type { Problem } from "../../base/problems.ts";
import { rangeOnLine } from "../../base/problems.ts";
import { type ParsedRequirement, parseRequirement, type Requirement } from "../pep/requirement.ts";

/** How a statement about a package came to be; what is nearer to the truth of a run stands first. */
export type Standing = "locked" | "installed" | "declared" | "constraint";

/** One thing that a file says. Lines count from zero. */
export type Statement = { line: number } & (
  | {
      kind: "package";
      standing: Standing;
      requirement: Requirement;
      /** The extra or dependency group that asks for it; absent for what is always needed. */
      group?: string;
      /** An image holds it, or a line of a shell installs it (`pip install torch`): for the project around it, not a wish of its own. */
      from?: "image" | "shell";
    }
  /** What a package is taken as by all of this project, whatever is asked for elsewhere (`override-dependencies` of uv). */
  | { kind: "override"; requirement: Requirement }
  | { kind: "python"; standing: Exclude<Standing, "constraint">; value: string }
  /** Folders that share one environment with the one of the file, as globs (the workspace of uv). */
  | { kind: "workspace"; members: readonly string[]; exclude: readonly string[] }
  /** Another file that belongs to this one. */
  | {
      kind: "include";
      path: string;
      as: "requirements" | "constraints";
      /** A line of a shell names it, and only a run tells in which folder. */
      from?: "shell";
    }
  /** A command that people of this project call by a name. `invoke` is how: `make train`. */
  | { kind: "command"; name: string; command: string; invoke: string }
  /** Where code of this project runs. */
  | { kind: "environment"; value: string; why: string }
  /** A configuration of this kind stands here. */
  | { kind: "configuration"; of: "hyperparameters" | "accelerate" | "deepspeed" | "hydra" }
  /** A Metaflow flow, by the name of its class. `brokenAt` is the line from which on its file is no Python. */
  | { kind: "flow"; name: string; brokenAt?: number }
  /** A decorator without its arguments: `step`, `app.route`. */
  | { kind: "decorator"; name: string }
  /** A module that a Python file or notebook imports, by its first name. */
  | { kind: "import"; module: string }
  /** A Python file that a person starts. */
  | {
      kind: "script";
      role: "training" | "evaluation";
      score: number;
      reasons: readonly string[];
      /** It imports with dots, so only `python -m` starts it. */
      isInPackage?: true;
    }
  /** An option of a script that continues from a checkpoint, as it is written on a command line. */
  | { kind: "resume-option"; option: string }
  /** A folder into which code writes TensorBoard events. */
  | { kind: "log-folder"; path: string }
  /** A folder into which code saves checkpoints. */
  | { kind: "checkpoint-folder"; path: string }
);

export type Reading = { statements: readonly Statement[]; problems: readonly Problem[] };

/** A file whose text was read; the path is relative to the workspace folder, with `/`. */
export type TextFile = { path: string; text: string };

/** Collects what a file says; beyond the bound a file is data and no manifest. */
export class ReadingBuilder {
  readonly statements: Statement[] = [];
  readonly problems: Problem[] = [];

  get reading(): Reading {
    return { statements: this.statements, problems: this.problems };
  }

  add(statement: Statement): void {
    if (this.statements.length < MAX_STATEMENTS) {
      this.statements.push(statement);
    }
  }

  report(code: string, line: number, message: string, severity: Problem["severity"] = "warning"): void {
    if (this.problems.length < MAX_PROBLEMS) {
      this.problems.push({ code, severity, message, range: rangeOnLine(line, 0, 0) });
    }
  }

  /** Adds a requirement as PEP 508 writes it, or the problem with it. */
  addRequirement(text: string, line: number, options: { standing?: Standing; group?: string | undefined } = {}): void {
    this.addParsed(parseRequirement(text), { text, line, ...options });
  }

  addParsed(
    parsed: ParsedRequirement,
    at: { text: string; line: number; standing?: Standing; group?: string | undefined },
  ): void {
    const requirement = this.#validRequirement(parsed, at);
    if (requirement !== undefined) {
      this.addPackage(requirement, at);
    }
  }

  /** Adds what replaces the requirements of a package, or the problem with it. */
  addOverride(text: string, line: number): void {
    const requirement = this.#validRequirement(parseRequirement(text), { text, line });
    if (requirement !== undefined) {
      this.add({ kind: "override", requirement, line });
    }
  }

  #validRequirement(
    parsed: ParsedRequirement,
    { text, line }: { text: string; line: number },
  ): Requirement | undefined {
    if (parsed.kind !== "invalid") {
      return parsed.requirement;
    }
    const shown = text.trim().slice(0, 80);
    this.report("invalid-requirement", line, `\`${shown}\` is not a requirement: ${parsed.reason}. It is left out.`);
    return undefined;
  }

  /** Adds another file, or the problem with an option that names none. */
  addInclude(
    path: string,
    option: string,
    at: { as: "requirements" | "constraints"; line: number; from?: "shell" },
  ): void {
    if (path === "") {
      this.report(
        "missing-file-name",
        at.line,
        `\`${option}\` names no file, so pip stops here. Write \`${option} <file>\`.`,
      );
    } else {
      this.add({ kind: "include", path, ...at });
    }
  }

  /** Adds a declared Python; any version (`*`) is nothing that is known of it. */
  addPython(value: string, line: number): void {
    if (value !== "" && value !== "*") {
      this.add({ kind: "python", standing: "declared", value, line });
    }
  }

  addPackage(
    requirement: Requirement,
    at: { line: number; standing?: Standing; group?: string | undefined; from?: "image" | "shell" },
  ): void {
    this.add({
      kind: "package",
      standing: at.standing ?? "declared",
      requirement,
      line: at.line,
      ...(at.group === undefined ? {} : { group: at.group }),
      ...(at.from === undefined ? {} : { from: at.from }),
    });
  }
}

const MAX_STATEMENTS = 20_000;
const MAX_PROBLEMS = 100;
