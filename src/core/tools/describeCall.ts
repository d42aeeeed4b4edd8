import { oneLine } from "../base/markdown.ts";

/** What was called with what, in a line: `call trainyard_workflow write_file model.py by ml-writer`. */
export function describeCall(tool: string, input: unknown, agent: string): string {
  const words = ["action", "path"].flatMap((key) => {
    const value = textOf(input, key);
    return value === undefined ? [] : [oneLine(value, 200)];
  });
  return `call ${[oneLine(tool, 100), ...words].join(" ")} by ${agent}`;
}

/** A text of a tool's input, whatever else it holds. */
export function textOf(input: unknown, key: string): string | undefined {
  const value: unknown =
    typeof input === "object" && input !== null ? Object.entries(input).find(([name]) => name === key)?.[1] : undefined;
  return typeof value === "string" ? value : undefined;
}
