import type { Problem } from "./problems.ts";

/** The rules that a comment silences; `all` for a comment without rules. */
type Silenced = "all" | ReadonlySet<string>;

export type Silences = {
  /** What comments silence for the whole file. */
  file: readonly Silenced[];
  lines: ReadonlyMap<number, Silenced>;
};

const COMMENT = /#\s*trainyard:\s*ignore(-file)?(?:\[([^\]]*)\])?/;

/**
 * `# trainyard: ignore[rule, rule]` silences its own line, or the next one when it stands alone. `# trainyard:
 * ignore-file[rule]` silences the whole file, wherever it stands.
 */
export function silencesIn(text: string): Silences {
  const file: Silenced[] = [];
  const lines = new Map<number, Silenced>();
  if (!text.includes("trainyard:")) {
    return { file, lines };
  }
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    const comment = COMMENT.exec(line);
    if (comment) {
      const rules = comment[2]?.split(",").map((rule) => rule.trim());
      const silenced = rules === undefined ? "all" : new Set(rules);
      const isAlone = line.slice(0, comment.index).trim() === "";
      if (comment[1] === undefined) {
        lines.set(isAlone ? index + 1 : index, silenced);
      } else {
        file.push(silenced);
      }
    }
  });
  return { file, lines };
}

export function isSilenced({ code, range }: Problem, { file, lines }: Silences): boolean {
  return [...file, lines.get(range.start.line)].some((rules) => rules === "all" || rules?.has(code) === true);
}
