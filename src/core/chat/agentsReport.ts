import type { AgentCatalog, AgentFileProblem, CatalogedAgent } from "../agents/agentCatalog.ts";
import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { resolveHandoffTarget } from "./handoffTarget.ts";
import type { FileReference, Reply } from "./reply.ts";

/** What an agent is for in a few lines of a narrow chat; its own file, linked below the list, has all of it. */
const MAX_DESCRIPTION = 130;

/** Said where it is not the usual: that an agent came with the extension. */
const ORIGIN_NAMES = { shipped: "", user: " (yours)", workspace: " (this workspace)" } as const;

/**
 * `showPath`: a path as people read it. The answer to `/agents`: what is wrong in their files, then a line for each agent
 * with what it is for and whom it hands over to.
 */
export function reportAgents(
  catalog: AgentCatalog,
  participants: readonly string[],
  showPath: (path: string) => string,
): Reply {
  const { agents, withheld } = catalog;
  const isOther = ({ definition }: CatalogedAgent) => Number(!participants.includes(definition.name));
  const ordered = agents.toSorted((a, b) => isOther(a) - isOther(b));
  const notes =
    withheld.length === 0
      ? []
      : [
          `${withheld.length} agent ${withheld.length === 1 ? "file" : "files"} of this workspace will be read once you trust it: ${withheld.map((path) => inlineCode(showPath(path))).join(", ")}.`,
        ];
  return {
    markdown: [
      // What waits for trust was not read, so nothing is claimed about all files.
      ...(catalog.problems.length > 0 || withheld.length === 0 ? describeProblems(catalog.problems, showPath) : []),
      ...notes,
      ...(agents.length === 0 ? [] : [ordered.map((agent) => describeAgent(agent, participants, catalog)).join("\n")]),
      ...(agents.length === 0 ? [] : ["**Trainyard: Show Agents** draws who hands over to whom."]),
    ].join("\n\n"),
    buttons: [{ title: "Show Agents", command: "trainyard.showAgents" }],
    references: referencesOf(catalog),
    followups: [{ label: "What do you know about this project?", command: "facts", prompt: "" }],
  };
}

function describeAgent(agent: CatalogedAgent, participants: readonly string[], catalog: AgentCatalog): string {
  const { definition, origin } = agent;
  const address = participants.includes(definition.name) ? `@${definition.name}` : definition.name;
  const targets = [...new Set(definition.handoffs.map((handoff) => handoff.agent))].map((name) => {
    const isMissing = resolveHandoffTarget(name, participants, catalog).kind === "missing";
    const sends = definition.handoffs.some((handoff) => handoff.agent === name && handoff.send);
    const exceptions = [...(isMissing ? ["not there yet"] : []), ...(sends ? ["sends by itself"] : [])];
    return `${escapeMarkdown(name)}${exceptions.length === 0 ? "" : ` (${exceptions.join(", ")})`}`;
  });
  const handoffs = targets.length === 0 ? "" : ` → ${targets.join(", ")}`;
  return `- **${escapeMarkdown(address)}**${ORIGIN_NAMES[origin]}: ${escapeMarkdown(definition.description, MAX_DESCRIPTION)}${handoffs}`;
}

function describeProblems(problems: readonly AgentFileProblem[], showPath: (path: string) => string): string[] {
  const serious = problems.filter((problem) => problem.severity !== "information");
  if (serious.length === 0) {
    return ["All agent files can be read."];
  }
  const lines = serious.map(
    ({ path, range, message }) =>
      `- ${inlineCode(`${showPath(path)}:${range.start.line + 1}:${range.start.column + 1}`)} ${message}`,
  );
  return [
    [`**${serious.length === 1 ? "One problem" : `${serious.length} problems`} in agent files**`, "", ...lines].join(
      "\n",
    ),
  ];
}

function referencesOf(catalog: AgentCatalog): FileReference[] {
  const problems = catalog.problems.filter((problem) => problem.severity !== "information");
  const paths = [...catalog.agents.map((agent) => agent.path), ...problems.map((problem) => problem.path)];
  return [...new Set(paths)].map((path) => {
    const line = problems.find((problem) => problem.path === path)?.range.start.line;
    return line === undefined ? { path } : { path, line };
  });
}
