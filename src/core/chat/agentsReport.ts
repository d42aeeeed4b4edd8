import type { AgentCatalog, AgentFileProblem, CatalogedAgent } from "../agents/agentCatalog.ts";
import { escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { resolveHandoffTarget } from "./handoffTarget.ts";
import type { FileReference, Reply } from "./reply.ts";

const ORIGIN_NAMES = { shipped: "shipped", user: "yours", workspace: "this workspace" } as const;

/** `showPath`: a path as people read it. The answer to `/agents`: who there is, where each button leads, and what is wrong in their files. */
export function reportAgents(
  catalog: AgentCatalog,
  participants: readonly string[],
  showPath: (path: string) => string,
): Reply {
  const sections = catalog.agents.map((agent) => describeAgent(agent, participants, catalog));
  const { withheld } = catalog;
  const notes =
    withheld.length === 0
      ? []
      : [
          `${withheld.length} agent ${withheld.length === 1 ? "file" : "files"} of this workspace will be read once you trust it: ${withheld.map((path) => inlineCode(showPath(path))).join(", ")}.`,
        ];
  return {
    markdown: [...sections, ...notes, ...describeProblems(catalog.problems, showPath)].join("\n\n"),
    references: referencesOf(catalog),
    followups: [{ label: "What do you know about this project?", command: "facts", prompt: "" }],
  };
}

function describeAgent(agent: CatalogedAgent, participants: readonly string[], catalog: AgentCatalog): string {
  const { definition, origin } = agent;
  const address = participants.includes(definition.name) ? `@${definition.name}` : definition.name;
  const rows = definition.handoffs.map((handoff) => {
    const target = resolveHandoffTarget(handoff.agent, participants, catalog);
    const places = {
      participant: "chat agent",
      "custom-agent": "custom agent",
      missing: "not there yet: the button offers who can take over",
    };
    const mode = handoff.send ? "sends" : "fills the input box";
    return `| ${escapeMarkdown(handoff.label)} | ${escapeMarkdown(handoff.agent)} | ${places[target.kind]} | ${mode} |`;
  });
  const table = rows.length === 0 ? [] : ["", "| button | goes to | which is | and |", "|---|---|---|---|", ...rows];
  return [
    `**${escapeMarkdown(address)}** (${ORIGIN_NAMES[origin]}): ${escapeMarkdown(definition.description)}`,
    ...table,
  ].join("\n");
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
