import { closestName } from "../base/closestName.ts";
import type { TextRange } from "../base/problems.ts";
import type { AgentDefinition, AgentProblem, Handoff, ParsedAgent } from "./agentDefinition.ts";
import { checkSubagents } from "./checkSubagents.ts";
import { checkWords, type KnownWords } from "./checkWords.ts";
import { agentDialect, builtInAgent } from "./dialect.ts";
import { replacement } from "./fieldReader.ts";
import { parseAgent } from "./parseAgent.ts";
import { findSendCircles } from "./sendCircles.ts";

/** `shipped` with the extension, `user` from the person's home folder, `workspace` from the opened folder. */
export type AgentOrigin = "shipped" | "user" | "workspace";

export type AgentFile = { path: string; origin: AgentOrigin; text: string };

export type CatalogedAgent = { definition: AgentDefinition; origin: AgentOrigin; path: string };

export type AgentFileProblem = AgentProblem & { path: string };

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
export function collectAgents(
  files: readonly AgentFile[],
  options: { isWorkspaceTrusted: boolean; words?: KnownWords },
): AgentCatalog {
  const isReadable = (file: AgentFile) => file.origin !== "workspace" || options.isWorkspaceTrusted;
  const problems: AgentFileProblem[] = [];
  const agents = new Map<string, CatalogedAgent>();
  const candidates: Candidate[] = [];
  for (const origin of ORIGINS) {
    for (const file of files.filter((each) => each.origin === origin && isReadable(each)).toSorted(byDialect)) {
      const parsed = parseOnce(file);
      const { path } = file;
      const unknown = options.words === undefined ? [] : checkWords(parsed, agentDialect(path), options.words);
      problems.push(...[...parsed.problems, ...unknown].map((problem) => ({ ...problem, path })));
      if (parsed.definition !== undefined) {
        candidates.push({ file, definition: parsed.definition, parsed });
      }
    }
  }
  for (const candidate of candidates) {
    const { file, definition } = candidate;
    const present = agents.get(definition.name);
    problems.push(...uselessExtends(candidate, [...agents.values()]));
    if (present === undefined || present.origin !== file.origin) {
      const whole = withBase(candidate, present);
      agents.set(definition.name, { definition: whole, origin: file.origin, path: file.path });
    } else if (!isSameForClaude(present.path, file.path)) {
      problems.push(duplicateOf(present, candidate));
    }
  }
  problems.push(...candidates.flatMap((candidate, index) => lookAlikes(candidate, candidates.slice(0, index))));
  const names = [...agents.keys()];
  problems.push(...candidates.flatMap((candidate) => unknownTargets(candidate, names)));
  problems.push(
    ...candidates.flatMap(({ file: { path }, parsed }) =>
      checkSubagents(parsed, agentDialect(path), names).map((problem) => ({ ...problem, path })),
    ),
  );
  problems.push(...candidates.flatMap(uselessHandoffs), ...sendCircles(candidates));
  const withheld = files.filter((file) => !isReadable(file)).map((file) => file.path);
  return { agents: [...agents.values()], problems, withheld };
}

export function findAgent(catalog: AgentCatalog, name: string): CatalogedAgent | undefined {
  return catalog.agents.find((agent) => agent.definition.name === name);
}

/** Whether somebody of that name takes a handoff: an agent of a file, or one that VS Code brings. */
export function isSomebody(catalog: AgentCatalog, name: string): boolean {
  return findAgent(catalog, name) !== undefined || builtInAgent(name) !== undefined;
}

/** The names that a new agent cannot have: of agents, and of the files that are there, whatever they define. */
export function takenNames({ agents, problems }: AgentCatalog): string[] {
  const files = [...agents, ...problems].map(({ path }) => fileStem(path));
  return [...new Set([...agents.map(({ definition }) => definition.name), ...files])];
}

/** `ml-trainer` for `…/ml-trainer.agent.md` and `…/ml-trainer.md`. */
function fileStem(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? path;
  return file.replace(/\.md$/i, "").replace(/\.agent$/i, "");
}

const parsedFiles = new WeakMap<AgentFile, ParsedAgent>();

/** What a file says. The same object is parsed once: while one file is typed, the others are the same as before. */
export function parseOnce(file: AgentFile): ParsedAgent {
  const known = parsedFiles.get(file);
  const parsed = known ?? parseAgent(file.text, fileStem(file.path), agentDialect(file.path));
  parsedFiles.set(file, parsed);
  return parsed;
}

/** Whether these are two files of one agent, `x.agent.md` and Claude Code's `x.md`. */
function isSameForClaude(path: string, other: string): boolean {
  return agentDialect(path) !== agentDialect(other) && fileStem(path) === fileStem(other);
}

/** An agent that is kept for Claude Code as well counts by its other file, which can say more. */
function byDialect(a: AgentFile, b: AgentFile): number {
  const [dialectOfA, dialectOfB] = [agentDialect(a.path), agentDialect(b.path)];
  return dialectOfA === dialectOfB ? (a.path < b.path ? -1 : 1) : dialectOfA === "claude" ? 1 : -1;
}

function withBase({ definition, file }: Candidate, base: CatalogedAgent | undefined): AgentDefinition {
  if (base === undefined) {
    return definition;
  }
  const own = definition;
  const inherited = base.definition;
  if (own.extra["extends"] !== inherited.name) {
    return agentDialect(file.path) === "claude" ? keepUnsaid(own, inherited) : own;
  }
  const labels = new Set(own.handoffs.map((handoff) => handoff.label));
  return {
    ...own,
    description: own.description || inherited.description,
    models: own.models.length > 0 ? own.models : inherited.models,
    tools: own.tools ?? inherited.tools,
    triggers: own.triggers.length > 0 ? own.triggers : inherited.triggers,
    boundaries: [...inherited.boundaries, ...own.boundaries],
    extra: mergeExtra(inherited.extra, own.extra),
    handoffs: [...inherited.handoffs.filter((handoff) => !labels.has(handoff.label)), ...own.handoffs],
    body: `${inherited.body}\n\n${own.body}`.trim(),
  };
}

/**
 * Claude Code has no handoffs, triggers, boundaries and keys of ours, and other names for tools: an agent of its format
 * keeps those it replaces.
 */
function keepUnsaid(own: AgentDefinition, replaced: AgentDefinition): AgentDefinition {
  return {
    ...own,
    models: replaced.models,
    tools: replaced.tools,
    triggers: own.triggers.length > 0 ? own.triggers : replaced.triggers,
    handoffs: own.handoffs.length > 0 ? own.handoffs : replaced.handoffs,
    boundaries: [...replaced.boundaries, ...own.boundaries],
    extra: mergeExtra(replaced.extra, own.extra),
  };
}

/** Both lists where two stand against each other (`mcp`, `commands`), otherwise what the own file says. */
function mergeExtra(inherited: AgentDefinition["extra"], own: AgentDefinition["extra"]): AgentDefinition["extra"] {
  const merged = Object.entries(own).map(([key, value]) => {
    const before = inherited[key];
    return [key, Array.isArray(before) && Array.isArray(value) ? [...new Set([...before, ...value])] : value] as const;
  });
  return { ...inherited, ...Object.fromEntries(merged) };
}

/** `extends` that adds to nobody: a file adds to the agent of its own name, which comes from an earlier origin. */
function uselessExtends(candidate: Candidate, earlier: readonly CatalogedAgent[]): AgentFileProblem[] {
  const { file, definition, parsed } = candidate;
  const base = definition.extra["extends"];
  const names = earlier.filter(({ origin }) => origin !== file.origin).map((agent) => agent.definition.name);
  if (base === undefined || (base === definition.name && names.includes(base))) {
    return [];
  }
  const range = parsed.ranges?.extends ?? startOfFile();
  const place = { code: "useless-extends", severity: "warning" as const, range, path: file.path };
  if (typeof base === "string" && names.includes(base)) {
    const message = `\`extends\` adds to the agent of the same name, and this one is called \`${definition.name}\`. Write \`name: ${base}\`, or remove \`extends\`.`;
    return [{ ...place, message }];
  }
  const meant = typeof base === "string" ? closestName(base, names) : undefined;
  const written = typeof base === "string" ? `No shipped agent is called \`${base}\`` : "`extends` must be a name";
  const message = `${written}, so this file adds to none.${meant === undefined ? " Remove `extends`." : ` Did you mean \`${meant}\`?`}`;
  return [{ ...place, message, ...(meant === undefined ? {} : { fix: replacement(range, meant) }) }];
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

/** Names that differ in capital letters only: two agents for the chat, one file on many systems, one word for people. */
function lookAlikes({ file, definition, parsed }: Candidate, earlier: readonly Candidate[]): AgentFileProblem[] {
  const { name } = definition;
  const twin = earlier.find(
    (other) => other.definition.name !== name && other.definition.name.toLowerCase() === name.toLowerCase(),
  );
  if (twin === undefined) {
    return [];
  }
  const whose = twin.file.origin === "shipped" ? "a shipped agent" : twin.file.path;
  const message = `\`${name}\` and \`${twin.definition.name}\` (${whose}) differ only in capital letters, and are two agents. Write \`${twin.definition.name}\` if the same is meant, else another name.`;
  return [
    {
      code: "look-alike-name",
      severity: "warning",
      message,
      range: parsed.ranges?.name ?? startOfFile(),
      path: file.path,
    },
  ];
}

function unknownTargets(candidate: Candidate, names: readonly string[]): AgentFileProblem[] {
  const { file, definition, parsed } = candidate;
  return definition.handoffs.flatMap((handoff, index) => {
    if (names.includes(handoff.agent) || builtInAgent(handoff.agent) !== undefined) {
      return [];
    }
    const meant = closestName(handoff.agent, names);
    const range = targetRange(parsed, index);
    const problem: AgentFileProblem = {
      code: "unknown-handoff-target",
      // The shipped agents name optional colleagues on purpose; their button offers who can take over.
      severity: file.origin === "shipped" ? "information" : "warning",
      message: unknownTargetMessage(handoff, names, { from: definition.name, meant }),
      range,
      path: file.path,
      ...(meant === undefined ? {} : { fix: replacement(range, meant) }),
    };
    return [problem];
  });
}

/** More names than this are a list to look at, not a sentence. */
const MAX_NAMED = 6;

function unknownTargetMessage(
  handoff: Handoff,
  names: readonly string[],
  { from, meant }: { from: string; meant: string | undefined },
): string {
  const suggestion = meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
  const others = names.filter((name) => name !== from).map((name) => `\`${name}\``);
  const more = others.length > MAX_NAMED ? ` and ${others.length - MAX_NAMED} more (Trainyard: Show Agents)` : "";
  const alternatives =
    meant !== undefined || others.length === 0
      ? ""
      : ` Agents that exist: ${others.slice(0, MAX_NAMED).join(", ")}${more}.`;
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
