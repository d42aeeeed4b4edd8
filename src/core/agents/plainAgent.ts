import { rangeOnLine } from "../base/problems.ts";
import type { ParsedAgent } from "./agentDefinition.ts";
import { placePlaceholders } from "./placeholders.ts";

const KEY = /^\s*(?:name|description|tools|model|handoffs)[ \t]*:/;
const KEY_ON_ANY_LINE = new RegExp(KEY.source, "m");
const FENCE = /^---/m;

/**
 * Whether a text is instructions alone. One that begins with dashes or keys, or has keys above a line of dashes, has front matter that
 * is to be mended: taken as instructions, it would lose its limits.
 */
export function isPlainAgent(text: string): boolean {
  const fence = text.search(FENCE);
  const isDamaged = fence !== -1 && KEY_ON_ANY_LINE.test(text.slice(0, fence));
  return text.trim() !== "" && !/^\s*---/.test(text) && !KEY.test(text) && !isDamaged;
}

/** An agent of VS Code that has no front matter: called after its file, with all tools. */
export function plainAgent(text: string, name: string): ParsedAgent {
  const start = rangeOnLine(0, 0, 0);
  const keys = `---\nname: ${JSON.stringify(name)}\ndescription: ""\n---\n\n`;
  return {
    definition: {
      name,
      description: "",
      models: [],
      tools: undefined,
      triggers: [],
      handoffs: [],
      boundaries: [],
      extra: {},
      body: text.trim(),
    },
    ranges: {
      name: start,
      handoffTargets: [],
      models: [],
      tools: [],
      disallowedTools: { items: [], ranges: [] },
      subagents: [],
      triggers: [],
      extends: start,
      mcp: [],
      placeholders: placePlaceholders(text, 0),
    },
    problems: [
      {
        code: "missing-front-matter",
        severity: "information",
        message: `There is no front matter, so this agent is called \`${name}\`, after its file, and has no description. Begin with a line \`---\`, then \`name:\` and \`description:\`, then another line \`---\`.`,
        range: rangeOnLine(0, 0, text.split(/\r?\n/, 1)[0]?.length ?? 0),
        fix: { title: "Add front matter", range: start, text: keys },
      },
    ],
  };
}
