import { type Problem, rangeOnLine, type TextRange } from "./problems.ts";

/** The rules that a comment silences; `all` for a comment without rules. */
type Silenced = "all" | ReadonlySet<string>;

export type Silences = {
  /** What comments silence for the whole file. */
  file: readonly Silenced[];
  lines: ReadonlyMap<number, readonly Silenced[]>;
};

/** A finding, with the lines that may carry a comment about it where that is not only the one it begins on. */
type Silenceable = Problem & { commentLines?: readonly number[] };

const COMMENT = /#\s*trainyard:\s*ignore(-file)?(?:\[([^\]]*)\])?/;

const LINE_END = /\r\n|\r|\n/;

/**
 * `# trainyard: ignore[rule, rule]` silences its own line, or the next one that is no comment when it stands alone. `# trainyard:
 * ignore-file[rule]` silences the whole file, wherever it stands. What several comments say of one line holds together.
 */
export function silencesIn(text: string): Silences {
  const file: Silenced[] = [];
  const lines = new Map<number, Silenced[]>();
  if (!text.includes("trainyard:")) {
    return { file, lines };
  }
  let above: Silenced[] = [];
  text.split(LINE_END).forEach((line, index) => {
    const comment = COMMENT.exec(line);
    const own = comment && comment[1] === undefined ? [rulesOf(comment)] : [];
    if (comment && own.length === 0) {
      file.push(rulesOf(comment));
    }
    above.push(...own);
    if (!line.trimStart().startsWith("#")) {
      lines.set(index, above);
      above = [];
    }
  });
  return { file, lines };
}

/** The rules that comments name, each with its place. */
export function namedRules(text: string): { rule: string; range: TextRange }[] {
  if (!text.includes("trainyard:")) {
    return [];
  }
  return text.split(LINE_END).flatMap((line, index) => {
    const comment = COMMENT.exec(line);
    const inBrackets = comment?.[2] ?? "";
    // The brackets end the comment.
    const start = (comment?.index ?? 0) + (comment?.[0].length ?? 0) - inBrackets.length - 1;
    return [...inBrackets.matchAll(/[^\s,](?:[^,]*[^\s,])?/g)].map(({ 0: rule, index: at }) => ({
      rule,
      range: rangeOnLine(index, start + at, start + at + rule.length),
    }));
  });
}

function rulesOf(comment: RegExpExecArray): Silenced {
  const rules = comment[2]?.split(",").map((rule) => rule.trim());
  return rules === undefined ? "all" : new Set(rules);
}

export function isSilenced({ code, range, commentLines }: Silenceable, { file, lines }: Silences): boolean {
  const said = (commentLines ?? [range.start.line]).flatMap((line) => lines.get(line) ?? []);
  return [...file, ...said].some((rules) => rules === "all" || rules.has(code));
}
