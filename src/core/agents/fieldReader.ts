import * as z from "zod";
import { type Problem, rangeOnLine, type TextRange } from "../base/problems.ts";
import type { AgentFix, AgentProblem } from "./agentDefinition.ts";
import { findNameFlaw } from "./agentName.ts";
import type { AgentDialect } from "./dialect.ts";
import type { FrontMatter } from "./frontMatter.ts";

/** One text with commas is the only list that the limit of entries of the front matter does not see. */
const MAX_ITEMS = 300;

/** A text that says something. */
export const words = z.string().trim().min(1);

export type ListForm = {
  /** What an entry must be, and what the whole: "a sentence", "a list of sentences". */
  entry: string;
  expected: string;
  /** What one text in place of a list is; not allowed where absent. Claude Code writes lists as one text with commas. */
  text?: "one entry" | "entries with commas";
};

/** Entries and their places, in the same order. */
export type ReadList = { items: string[]; ranges: TextRange[] };

/** Reads field by field, so that one bad field does not lose the others. */
export class FieldReader {
  readonly data: Readonly<Record<string, unknown>>;
  readonly problems: AgentProblem[] = [];
  readonly #frontMatter: FrontMatter;
  readonly #text: string;

  constructor(frontMatter: FrontMatter, text: string) {
    this.data = frontMatter.data;
    this.#frontMatter = frontMatter;
    this.#text = text;
  }

  report(code: string, severity: Problem["severity"], at: { message: string; range: TextRange; fix?: AgentFix }): void {
    this.problems.push({ code, severity, ...at });
  }

  rangeOf(path: readonly (string | number)[]): TextRange {
    return this.#frontMatter.locate(path);
  }

  rangeOfKey(path: readonly (string | number)[]): TextRange {
    return this.#frontMatter.locateKey(path);
  }

  /**
   * The usable entries of a list, or of one text, each with its place; the others are reported where they stand and left
   * out. Nothing where the key is missing.
   */
  readList(key: string, form: ListForm): ReadList | undefined {
    const value = this.data[key];
    if (value === undefined || value === null) {
      return undefined;
    }
    if (Array.isArray(value)) {
      return this.#readEntries(key, value, form);
    }
    const items = typeof value !== "string" || form.text === undefined ? [] : splitText(value, form.text);
    if (items.length > MAX_ITEMS || (items.length === 0 && value !== "")) {
      const limit = items.length > MAX_ITEMS ? ` of at most ${MAX_ITEMS}` : "";
      const message = `\`${key}\` must be ${form.expected}${limit}, not ${describe(value)}. It counts as an empty list until then.`;
      this.report("invalid-field", "error", { message, range: this.rangeOf([key]) });
      return { items: [], ranges: [] };
    }
    return { items, ranges: this.#rangesIn(key, items) };
  }

  #readEntries(key: string, entries: readonly unknown[], { entry }: ListForm): ReadList {
    const items: string[] = [];
    const ranges: TextRange[] = [];
    for (const [index, each] of entries.entries()) {
      const range = this.rangeOf([key, index]);
      const result = words.safeParse(each);
      if (result.success) {
        items.push(result.data);
        ranges.push(range);
      } else {
        // `- Loss: goes up` is a key and its value.
        const advice = isGroup(each) ? " Put quotes around a text that holds a colon and a blank." : "";
        const message = `Entry ${index + 1} of \`${key}\` must be ${entry}, not ${describe(each)}. It is left out; the others count.${advice}`;
        this.report("invalid-entry", "error", { message, range });
      }
    }
    return { items, ranges };
  }

  /** The places of one text, or of its parts with commas. */
  #rangesIn(key: string, items: readonly string[]): TextRange[] {
    const whole = this.rangeOf([key]);
    const line = this.#text.split("\n")[whole.start.line] ?? "";
    let from = whole.start.column;
    return items.map((item) => {
      const start = line.indexOf(item, from);
      if (start === -1 || whole.start.line !== whole.end.line) {
        return whole;
      }
      from = start + item.length;
      return rangeOnLine(whole.start.line, start, from);
    });
  }

  read<T>(key: string, schema: z.ZodType<T>, otherwise: { fallback: T; expected: string }): T {
    const value = this.data[key];
    if (value === undefined || value === null) {
      return otherwise.fallback;
    }
    const result = schema.safeParse(value);
    if (result.success) {
      return result.data;
    }
    const message = `\`${key}\` must be ${otherwise.expected}, not ${describe(value)}. It is left out until then.`;
    this.report("invalid-field", "error", { message, range: this.rangeOf([key]) });
    return otherwise.fallback;
  }

  /** VS Code gives an agent that does not name itself the name of its file; Claude Code passes over such a file. */
  readName(fallbackName: string | undefined, dialect: AgentDialect): string | undefined {
    const written = this.data["name"];
    const result = words.safeParse(written);
    const flaw = result.success ? findNameFlaw(result.data) : undefined;
    if (result.success && flaw === undefined) {
      return result.data;
    }
    const range = this.rangeOf(["name"]);
    const fix = fallbackName !== undefined && written === undefined ? { fix: nameFix(fallbackName) } : {};
    const isMissing = written === undefined || written === null;
    if (isMissing && fallbackName !== undefined && dialect === "native") {
      const message = `\`name\` is missing, so this agent is called \`${fallbackName}\`, after its file.`;
      this.report("missing-name", "information", { message, range, ...fix });
      return fallbackName;
    }
    const what = flaw ?? (isMissing ? "is missing" : `must be a text, not ${describe(written)}`);
    const consequence =
      fallbackName === undefined ? "" : ` Until then it is called \`${fallbackName}\`, after its file.`;
    const message = `\`name\` ${what}: write \`name: ${fallbackName ?? "my-agent"}\`.${consequence}`;
    this.report(flaw === undefined ? "missing-name" : "invalid-name", "error", { message, range, ...fix });
    return fallbackName;
  }
}

/** A first line of front matter with the name, in quotes where YAML would read it otherwise. */
function nameFix(name: string): AgentFix {
  const written = /^[A-Za-z][\w-]*$/.test(name) ? name : JSON.stringify(name);
  return { title: `Add \`name: ${written}\``, range: rangeOnLine(1, 0, 0), text: `name: ${written}\n` };
}

/** The fix that writes `text` in place of what stands there. */
export function replacement(range: TextRange, text: string): AgentFix {
  return { title: `Change to \`${text}\``, range, text };
}

function splitText(text: string, form: NonNullable<ListForm["text"]>): string[] {
  const parts = form === "one entry" ? [text] : splitAtCommas(text);
  return parts.map((item) => item.trim()).filter((item) => item !== "");
}

/** The commas between parentheses belong to one entry: `Agent(reviewer, tester)`. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    depth = Math.max(0, depth + (letter === "(" ? 1 : letter === ")" ? -1 : 0));
    if (letter === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function isGroup(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value is, for a sentence. */
export function describe(value: unknown): string {
  if (value === null) {
    return "nothing";
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? "an empty list" : "a list";
  }
  if (isGroup(value)) {
    return "a group of keys";
  }
  if (plain(value).trim() === "") {
    return "an empty text";
  }
  const isMistakable = typeof value === "string" && /^(?:true|false|null|[-+.\d]+)$/i.test(value.trim());
  return isMistakable ? `the text \`"${plain(value)}"\`` : `\`${plain(value)}\``;
}

/** A scalar as it was written, short enough for a sentence. */
export function plain(value: unknown): string {
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isScalar ? String(value).slice(0, 40) : "…";
}
