/*
 * Variables of a Makefile and of a justfile, as far as they are written out:
 *
 *   NAME = text      expanded where it is used        NAME := text, NAME ::= text    expanded where it stands
 *   NAME ?= text     only where it has no value yet   NAME += text                   added behind a blank
 *   name := "text"   of a justfile, used as {{name}}
 */

const MAKE_ASSIGNMENT = /^(?:(?:export|override|private)\s+)*([\w.-]+)\s*(\+|\?|!|:{1,3})?=\s*(.*)$/;
const JUST_ASSIGNMENT = /^(?:export\s+)?([\w-]+)\s*:=\s*(?:"([^"\\]*)"|'([^']*)')\s*(?:#.*)?$/;

/** An assignment that was read: what it gives a value, how, and the value as written. */
export type Assignment = { name: string; operator: string; value: string };

export function makeAssignment(line: string): Assignment | undefined {
  const [, name, operator = "", value = ""] = MAKE_ASSIGNMENT.exec(line) ?? [];
  return name === undefined ? undefined : { name, operator, value: value.replace(/(?:^|\s)#.*$/, "").trim() };
}

/** Only a plain text in quotes: what just computes is not known. */
export function justAssignment(line: string): Assignment | undefined {
  const [, name, double, single] = JUST_ASSIGNMENT.exec(line) ?? [];
  return name === undefined ? undefined : { name, operator: ":", value: double ?? single ?? "" };
}

/** What variables lead to in one text and in one file; more of it is a loop, or meant to have no end. */
const MAX_EXPANSIONS = 200;
const MAX_EXPANSIONS_OF_FILE = 5_000;
const MAX_CHARACTERS = 4_000;

/** Values by name. A name without a value stays as it is written, since the environment or another file may have one. */
export class RecipeVariables {
  readonly #values: Map<string, string>;
  readonly #uses: RegExp;
  readonly #around: RecipeVariables | undefined;
  readonly #file: { left: number };

  constructor(uses: RegExp, values: Iterable<readonly [string, string]> = [], around?: RecipeVariables) {
    this.#uses = uses;
    this.#values = new Map(values);
    this.#around = around;
    this.#file = around === undefined ? { left: MAX_EXPANSIONS_OF_FILE } : around.#file;
  }

  /** `isConditional`: it stands between `ifeq` and `endif`, so that only a first value is likelier than none. */
  assign({ name, operator, value }: Assignment, isConditional = false): void {
    const known = this.#valueOf(name);
    if (operator === "!" || (known !== undefined && (operator === "?" || isConditional))) {
      return;
    }
    const own = operator.startsWith(":") ? this.expand(value) : value;
    const whole = operator === "+" && known !== undefined ? `${known} ${own}` : own;
    this.#values.set(name, whole.slice(0, MAX_CHARACTERS));
  }

  /** The variables of one target, which come before those of the file. */
  with(own: readonly Assignment[]): RecipeVariables {
    const variables = new RecipeVariables(this.#uses, [], this);
    own.forEach((assignment) => variables.assign(assignment));
    return variables;
  }

  /** The text as it is written where there is no end to what it leads to. */
  expand(text: string): string {
    let left = Math.min(MAX_EXPANSIONS, this.#file.left);
    const open = new Set<string>();
    const expand = (written: string): string =>
      written.replaceAll(this.#uses, (use: string, ...groups: unknown[]) => {
        const name = groups.find((group) => typeof group === "string" && group !== "");
        const value = typeof name === "string" ? this.#valueOf(name) : undefined;
        if (typeof name !== "string" || value === undefined || open.has(name) || left < 0) {
          return use;
        }
        left -= 1;
        this.#file.left -= 1;
        open.add(name);
        const expanded = expand(value);
        open.delete(name);
        return expanded;
      });
    const expanded = text.length > MAX_CHARACTERS ? text : expand(text);
    return left < 0 || expanded.length > MAX_CHARACTERS ? text : expanded;
  }

  #valueOf(name: string): string | undefined {
    const around = this.#around;
    return this.#values.get(name) ?? (around === undefined ? undefined : around.#valueOf(name));
  }
}

/** `$(NAME)` and `${NAME}`; functions such as `$(shell …)` have blanks or commas in them. */
export const MAKE_USES = /\$(?:\(([\w.-]+)\)|\{([\w.-]+)\})/g;

/** `{{name}}` */
export const JUST_USES = /\{\{\s*([\w-]+)\s*\}\}/g;
