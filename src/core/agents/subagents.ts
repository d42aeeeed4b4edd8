import { rangeOnLine, type TextRange } from "../base/problems.ts";
import type { AgentRanges } from "./agentDefinition.ts";
import type { AgentDialect } from "./dialect.ts";
import type { ReadList } from "./fieldReader.ts";

type Subagents = AgentRanges["subagents"];

/** The agents that lists name: VS Code's `agents` by themselves, Claude Code's tools as `Agent(reviewer, tester)`. */
export function subagentsOf(lists: readonly (ReadList | undefined)[], dialect: AgentDialect): Subagents {
  const entries = lists.flatMap(
    (list) => list?.items.map((item, index) => ({ item, range: list.ranges[index] })) ?? [],
  );
  return entries.flatMap(({ item, range }) =>
    range === undefined ? [] : dialect === "claude" ? namedByTool(item, range) : [{ name: item, range, isExact: true }],
  );
}

/** `Task` is the older name of the tool. */
const STARTS_AGENTS = /^(?:Agent|Task)\((.*)\)$/;

function namedByTool(tool: string, range: TextRange): Subagents {
  const written = STARTS_AGENTS.exec(tool)?.[1];
  if (written === undefined) {
    return [];
  }
  const { start, end } = range;
  const isExact = start.line === end.line && end.column - start.column === tool.length;
  let at = start.column + tool.indexOf("(") + 1;
  return written.split(",").flatMap((part) => {
    const name = part.trim();
    const from = at + part.indexOf(name);
    at += part.length + 1;
    const own = isExact ? rangeOnLine(start.line, from, from + name.length) : range;
    return name === "" ? [] : [{ name, range: own, isExact }];
  });
}
