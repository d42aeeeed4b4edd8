import { closestName } from "../base/closestName.ts";
import type { Problem, TextRange } from "../base/problems.ts";
import type { AgentDefinition, Handoff, ParsedAgent } from "./agentDefinition.ts";
import { findSendCircles } from "./handoffGraph.ts";
import { parseAgent } from "./parseAgent.ts";

/** `shipped` with the extension, `user` from the person's home folder, `workspace` from the opened folder. */
export type AgentOrigin = "shipped" | "user" | "workspace";

export type AgentFile = { path: string; origin: AgentOrigin; text: string };

export type CatalogedAgent = { definition: AgentDefinition; origin: AgentOrigin; path: string };

export type AgentFileProblem = Problem & { path: string };

export type AgentCatalog = {
  agents: readonly CatalogedAgent[];
  problems: readonly AgentFileProblem[];
  /** Workspace files that were not read because the workspace is not trusted. */
  withheld: readonly string[];
};

type Candidate = { file: AgentFile; definition: AgentDefinition; parsed: ParsedAgent };

const ORIGINS: readonly AgentOrigin[] = ["shipped", "user", "workspace"];

/**
 * The agents by name. A later origin replaces an earlier one's agent of the same name, or adds to it where its
 * front matter says `extends: <that name>`. Instructions steer a model, so a workspace contributes only when trusted.
 */
export function collectAgents(files: readonly AgentFile[], options: { isWorkspaceTrusted: boolean }): AgentCatalog {
  const isReadable = (file: AgentFile) => file.origin !== "workspace" || options.isWorkspaceTrusted;
  const problems: AgentFileProblem[] = [];
  const agents = new Map<string, CatalogedAgent>();
  const candidates: Candidate[] = [];
  for (const origin of ORIGINS) {
    for (const file of files.filter((each) => each.origin === origin && isReadable(each)).toSorted(byPath)) {
      const parsed = parseAgent(file.text, fileStem(file.path));
      problems.push(...parsed.problems.map((problem) => ({ ...problem, path: file.path })));
      if (parsed.definition !== undefined) {
        candidates.push({ file, definition: parsed.definition, parsed });
      }
    }
  }
  for (const candidate of candidates) {
    const present = agents.get(candidate.definition.name);
    if (present !== undefined && present.origin === candidate.file.origin) {
      problems.push(duplicateOf(present, candidate));
    } else {
      const { file, definition } = candidate;
      agents.set(definition.name, { definition: withBase(definition, present), origin: file.origin, path: file.path });
    }
  }
  const names = [...agents.keys()];
  problems.push(...candidates.flatMap((candidate) => unknownTargets(candidate, names)));
  problems.push(...candidates.flatMap(uselessHandoffs), ...sendCircles(candidates));
  const withheld = files.filter((file) => !isReadable(file)).map((file) => file.path);
  return { agents: [...agents.values()], problems, withheld };
}

export function findAgent(catalog: AgentCatalog, name: string): CatalogedAgent | undefined {
  return catalog.agents.find((agent) => agent.definition.name === name);
}

/** `ml-trainer` for `…/ml-trainer.agent.md` and `…/ml-trainer.md`. */
function fileStem(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? path;
  return file.replace(/\.md$/i, "").replace(/\.agent$/i, "");
}

function byPath(a: AgentFile, b: AgentFile): number {
  return a.path < b.path ? -1 : 1;
}

function withBase(definition: AgentDefinition, base: CatalogedAgent | undefined): AgentDefinition {
  if (base === undefined || definition.extra["extends"] !== base.definition.name) {
    return definition;
  }
  const own = definition;
  const inherited = base.definition;
  const labels = new Set(own.handoffs.map((handoff) => handoff.label));
  return {
    ...own,
    description: own.description || inherited.description,
    models: own.models.length > 0 ? own.models : inherited.models,
    tools: own.tools.length > 0 ? own.tools : inherited.tools,
    triggers: own.triggers.length > 0 ? own.triggers : inherited.triggers,
    boundaries: [...inherited.boundaries, ...own.boundaries],
    handoffs: [...inherited.handoffs.filter((handoff) => !labels.has(handoff.label)), ...own.handoffs],
    body: `${inherited.body}\n\n${own.body}`.trim(),
  };
}

function duplicateOf(present: CatalogedAgent, candidate: Candidate): AgentFileProblem {
  const { file, definition, parsed } = candidate;
  return {
    code: "duplicate-agent",
    severity: "warning",
    message: `Another file already defines \`${definition.name}\` (${present.path}), so this one is not used. Give it a name of its own.`,
    range: parsed.ranges?.name ?? startOfFile(),
    path: file.path,
  };
}

function unknownTargets(candidate: Candidate, names: readonly string[]): AgentFileProblem[] {
  const { file, definition, parsed } = candidate;
  return definition.handoffs.flatMap((handoff, index) => {
    if (names.includes(handoff.agent)) {
      return [];
    }
    const problem: AgentFileProblem = {
      code: "unknown-handoff-target",
      // The shipped agents name optional colleagues on purpose; their button offers who can take over.
      severity: file.origin === "shipped" ? "information" : "warning",
      message: unknownTargetMessage(handoff, names, definition.name),
      range: targetRange(parsed, index),
      path: file.path,
    };
    return [problem];
  });
}

function unknownTargetMessage(handoff: Handoff, names: readonly string[], from: string): string {
  const meant = closestName(handoff.agent, names);
  const suggestion = meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
  const others = names.filter((name) => name !== from).map((name) => `\`${name}\``);
  const alternatives = others.length === 0 ? "" : ` Agents that exist: ${others.join(", ")}.`;
  return (
    `No agent is called \`${handoff.agent}\`.${suggestion} The button "${handoff.label}" will offer who can take over, ` +
    `or to create \`.github/agents/${handoff.agent}.agent.md\`.${alternatives}`
  );
}

/** Handoffs that lead nowhere new: to the agent itself, or a button that looks like another one. */
function uselessHandoffs({ file, definition, parsed }: Candidate): AgentFileProblem[] {
  const { name, handoffs } = definition;
  return handoffs.flatMap(({ agent, label }, index) => {
    const place = { severity: "warning" as const, range: targetRange(parsed, index), path: file.path };
    if (agent === name) {
      const message = `This handoff leads from \`${name}\` to itself. Name another agent, or remove it.`;
      return [{ code: "handoff-to-itself", message, ...place }];
    }
    const first = handoffs.findIndex((other) => other.label === label);
    const message = `Two buttons are called "${label}", and nobody can tell them apart. Give this one another label.`;
    return first === index ? [] : [{ code: "duplicate-handoff", message, ...place }];
  });
}

function sendCircles(candidates: readonly Candidate[]): AgentFileProblem[] {
  const sends = candidates.flatMap(({ file, definition, parsed }) =>
    definition.handoffs.flatMap(({ agent, send }, index) =>
      send && agent !== definition.name
        ? [{ from: definition.name, to: agent, path: file.path, range: targetRange(parsed, index) }]
        : [],
    ),
  );
  return findSendCircles(sends).flatMap(({ from, to, circle }) => {
    const message = `These handoffs send by themselves in a circle: ${circle.join(" → ")}. Write \`send: false\` in one of them, so that a person decides.`;
    return sends
      .filter((send) => send.from === from && send.to === to)
      .map(({ path, range }) => ({ code: "send-circle", severity: "warning" as const, message, path, range }));
  });
}

function targetRange(parsed: ParsedAgent, index: number): TextRange {
  return parsed.ranges?.handoffTargets[index] ?? startOfFile();
}

function startOfFile() {
  return { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } };
}
