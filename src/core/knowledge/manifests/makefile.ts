import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import {
  type Assignment,
  JUST_USES,
  justAssignment,
  MAKE_USES,
  makeAssignment,
  RecipeVariables,
} from "./recipeVariables.ts";
import { joinedLines } from "./shellLine.ts";

export function isMakefile(path: string): boolean {
  return /(?:^|\/)(?:GNU)?[Mm]akefile$|(?:^|\/)\.?[Jj]ustfile$|\.just$/.test(path);
}

/**
 * The targets of a Makefile and the recipes of a justfile, with the lines they run and their variables in place. Both
 * begin with a name and a colon in the first column and go on with indented lines.
 */
export function readMakefile({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const tool = /just/i.test(path.slice(path.lastIndexOf("/") + 1)) ? "just" : "make";
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const prefix = folder === "" ? tool : tool === "make" ? `make -C ${folder}` : `just -d ${folder}`;
  const { targets, variables, withBlanks } = new RecipeReader(tool).read(text);
  if (withBlanks !== undefined && !text.includes(".RECIPEPREFIX")) {
    const message = "make stops here: a line of a recipe begins with a tab, and this one begins with a blank.";
    reading.report("recipe-without-tab", withBlanks, message);
  }
  for (const { name, line, commands, own } of targets) {
    const known = variables.with(own);
    const command = commands
      .map((written) => withoutPrefix(known.expand(written)).replaceAll("$$", "$"))
      .filter(doesSomething)
      .join(" && ");
    if (command !== "") {
      reading.add({ kind: "command", name, command, invoke: `${prefix} ${name}`, line });
    }
  }
  return reading.reading;
}

type Target = { name: string; line: number; commands: string[]; own: Assignment[] };

/** `@` before the name of a recipe keeps just from printing its lines. */
const TARGET = /^@?([A-Za-z_][\w./-]*)(?:\s[\w="'*+$\s./,-]*)?::?(?!=)/;

/** Reads line by line; what a target runs is expanded at the end, as make does it with the last values. */
class RecipeReader {
  readonly #tool: "make" | "just";
  readonly #variables: RecipeVariables;
  readonly #targets: Target[] = [];
  readonly #own = new Map<string, Assignment[]>();
  #open: Target | undefined;
  #conditions = 0;
  #isDefinition = false;
  /** The first line of a recipe that make takes for none. */
  #withBlanks: number | undefined;

  constructor(tool: "make" | "just") {
    this.#tool = tool;
    this.#variables = new RecipeVariables(tool === "make" ? MAKE_USES : JUST_USES, tool === "make" ? BUILT_IN : []);
  }

  read(text: string): { targets: readonly Target[]; variables: RecipeVariables; withBlanks: number | undefined } {
    for (const { text: written, line, indent } of joinedLines(text)) {
      if (this.#isDefinition) {
        this.#isDefinition = written !== "endef";
      } else if (written !== "" && (indent === "\t" || (indent === " " && this.#isRecipeLine(written)))) {
        this.#open?.commands.push(written);
        this.#withBlanks ??= indent === " " && this.#tool === "make" && this.#open ? line : undefined;
      } else if (written !== "" && !written.startsWith("#")) {
        this.#readPlain(written, line);
      }
    }
    return { targets: this.#targets, variables: this.#variables, withBlanks: this.#withBlanks };
  }

  /** Behind blanks make still takes its own words: assignments, conditions and comments. */
  #isRecipeLine(written: string): boolean {
    return (
      this.#tool === "just" ||
      !/^(?:#|[\w.-]+\s*(?::{0,3}|[+?!])=|(?:ifn?eq|ifn?def|else|endif|-?include|export|define|endef)\b)/.test(written)
    );
  }

  #readPlain(written: string, line: number): void {
    const isMake = this.#tool === "make";
    const condition = isMake ? /^(?:(ifn?eq|ifn?def)|(endif)|else)\b/.exec(written) : null;
    const assignment = isMake ? makeAssignment(written) : justAssignment(written);
    if (condition) {
      // A recipe may go on behind it.
      this.#conditions += condition[1] === undefined ? (condition[2] === undefined ? 0 : -1) : 1;
      return;
    }
    this.#open = undefined;
    if (isMake && /^define\b/.test(written)) {
      this.#isDefinition = true;
    } else if (assignment) {
      this.#variables.assign(assignment, this.#conditions > 0);
    } else if (isMake || !written.includes(":=")) {
      this.#readTarget(written, line);
    }
  }

  #readTarget(written: string, line: number): void {
    const target = TARGET.exec(written);
    const name = target?.[1];
    if (!target || name === undefined) {
      return;
    }
    const own = this.#own.get(name) ?? [];
    this.#own.set(name, own);
    // What follows a semicolon is the first line of the recipe, unless a comment began before.
    const [, before = "", first = ""] = /^([^;#]*)(?:;(.*)|#.*)?$/s.exec(written.slice(target[0].length)) ?? [];
    const assignment = this.#tool === "make" ? makeAssignment(before.trim()) : undefined;
    if (assignment) {
      own.push(assignment);
      return;
    }
    this.#open = { name, line, commands: first.trim() === "" ? [] : [first.trim()], own };
    this.#targets.push(this.#open);
  }
}

/** What make itself gives a value. */
const BUILT_IN: readonly (readonly [string, string])[] = [
  ["MAKE", "make"],
  ["CURDIR", "."],
];

/** Signs before a line of a recipe, which tell make and just not to print it, or to go on where it fails. */
function withoutPrefix(command: string): string {
  return command.replace(/^(?:[@+-]\s*)+/, "");
}

/** Comments and what is only printed, as by the usual `help`, may speak of commands and run none. */
function doesSomething(command: string): boolean {
  const unquoted = command.replace(/"[^"]*"|'[^']*'/g, "");
  return unquoted !== "" && !/^#|^(?:echo|printf)\b[^&|;]*$/.test(unquoted);
}
