import type { Finding } from "./finding.ts";

/** The rules that are silenced, by the line they are silenced on; `all` for a comment without rules. */
export type Silences = ReadonlyMap<number, "all" | ReadonlySet<string>>;

const COMMENT = /#\s*trainyard:\s*ignore(?:\[([^\]]*)\])?/;

/** `# trainyard: ignore[rule, rule]` silences its own line, or the next one when it stands alone. */
export function silencesIn(text: string): Silences {
  const silences = new Map<number, "all" | ReadonlySet<string>>();
  if (!text.includes("trainyard:")) {
    return silences;
  }
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    const comment = COMMENT.exec(line);
    if (comment) {
      const rules = comment[1]?.split(",").map((rule) => rule.trim());
      const isAlone = line.slice(0, comment.index).trim() === "";
      silences.set(isAlone ? index + 1 : index, rules === undefined ? "all" : new Set(rules));
    }
  });
  return silences;
}

export function isSilenced({ code, range }: Finding, silences: Silences): boolean {
  const rules = silences.get(range.start.line);
  return rules === "all" || rules?.has(code) === true;
}
