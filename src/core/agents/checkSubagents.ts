import { closestName } from "../base/closestName.ts";
import type { AgentProblem, ParsedAgent } from "./agentDefinition.ts";
import { type AgentDialect, isAgentOfHost } from "./dialect.ts";
import { replacement } from "./fieldReader.ts";

/** Agents that a file wants to start and that nobody is, and a list of them without the tool that starts them. */
export function checkSubagents(
  { definition, ranges }: ParsedAgent,
  dialect: AgentDialect,
  names: readonly string[],
): AgentProblem[] {
  const subagents = ranges?.subagents ?? [];
  const unknown = subagents.filter(({ name }) => !names.includes(name) && !isAgentOfHost(name, dialect));
  const problems = unknown.map(({ name, range, isExact }): AgentProblem => {
    const meant = closestName(name, names);
    const hint = meant === undefined ? "Write its file, or remove the name." : `Did you mean \`${meant}\`?`;
    return {
      code: "unknown-subagent",
      severity: "warning",
      message: `No agent is called \`${name}\`, so this one cannot start it. ${hint}`,
      range,
      ...(meant === undefined || !isExact ? {} : { fix: replacement(range, meant) }),
    };
  });
  const [first] = subagents;
  const tools = definition?.tools;
  if (dialect === "claude" || first === undefined || tools === undefined || tools.some(startsAgents)) {
    return problems;
  }
  const message = "`agents` counts only with the tool that starts them. Add `agent` to `tools`.";
  return [...problems, { code: "useless-agents", severity: "warning", message, range: first.range }];
}

function startsAgents(tool: string): boolean {
  return /^(?:\*|agent(?:\/.*)?|runSubagent)$/.test(tool);
}
