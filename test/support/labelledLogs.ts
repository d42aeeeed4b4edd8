import { readFileSync } from "node:fs";

/** One log of test/fixtures/logs: what its heading says and the lines below it. */
export type LabelledLog = { heading: string; lines: string[] };

export function readLabelledLogs(name: string): LabelledLog[] {
  const text = readFileSync(new URL(`../fixtures/logs/${name}`, import.meta.url), "utf8");
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [heading = "", ...lines] = part.trimEnd().split("\n");
      return { heading, lines };
    });
}
