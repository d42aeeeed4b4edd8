import {
  applyEdits,
  type Edit,
  findNodeAtLocation,
  modify,
  type Node,
  type ParseError,
  parse,
  parseTree,
  stripComments,
} from "jsonc-parser";
import { argumentsOf, type McpServer } from "../../core/agents/mcpServers.ts";
import { UserError } from "../../core/base/errors.ts";

/** The two files that keep servers, with the keys and variables each of them knows. */
export const MCP_FILES = [
  { path: ".vscode/mcp.json", key: "servers", folder: "${workspaceFolder}", extra: { type: "stdio" } },
  // The coding agent runs in a checkout of the repository, which is its working directory.
  { path: ".github/mcp-config.json", key: "mcpServers", folder: ".", extra: { type: "local", tools: ["*"] } },
] as const;

export type McpFile = (typeof MCP_FILES)[number];

export type MergedConfig = { text: string; added: readonly string[]; kept: readonly string[] };

/** As the file is written already. */
function formattingOf(text: string) {
  const indent = /^([ \t]+)["}]/m.exec(text)?.[1] ?? "  ";
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 2 : indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

/**
 * The text of a configuration file with the servers added. Entries that are there stay as they are, also where they
 * differ, and so do comments and unknown keys. Throws a UserError for a file that is no JSON.
 */
export function mergeMcpConfig(text: string, file: McpFile, servers: readonly McpServer[]): MergedConfig {
  const before = text.trim() === "" ? "{}\n" : text;
  const present = readServers(before, file);
  const added = servers.filter(({ name }) => !present.has(name));
  const entries = Object.fromEntries(added.map((server) => [server.name, entryOf(server, file)]));
  const merged = added.length === 0 ? before : addEntries(before, file.key, entries);
  return {
    text: merged,
    added: added.map(({ name }) => name),
    kept: servers.filter(({ name }) => present.has(name)).map(({ name }) => name),
  };
}

function addEntries(text: string, key: string, entries: Readonly<Record<string, unknown>>): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const servers = root && findNodeAtLocation(root, [key]);
  const edits =
    servers === undefined ? insertionIn(text, root, { [key]: entries }) : insertionIn(text, servers, entries);
  if (edits !== undefined) {
    return applyEdits(text, edits);
  }
  const formattingOptions = formattingOf(text);
  return Object.entries(entries).reduce(
    (current, [name, value]) => applyEdits(current, modify(current, [key, name], value, { formattingOptions })),
    text,
  );
}

/**
 * The entries on lines of their own before the closing brace, so that each comment stays with what it is about; the library
 * puts them right behind the last value, in front of its comment. Nothing for an object whose brace has no line of its own.
 */
function insertionIn(
  text: string,
  object: Node | undefined,
  entries: Readonly<Record<string, unknown>>,
): Edit[] | undefined {
  const closing = object === undefined ? 0 : object.offset + object.length - 1;
  const lineStart = text.lastIndexOf("\n", closing) + 1;
  const outer = text.slice(lineStart, closing);
  if (object === undefined || lineStart <= object.offset || outer.trim() !== "") {
    return undefined;
  }
  const { insertSpaces, tabSize, eol } = formattingOf(text);
  const unit = insertSpaces ? " ".repeat(tabSize) : "\t";
  const last = object.children?.at(-1);
  const end = last === undefined ? closing : last.offset + last.length;
  const hasComma = stripComments(text.slice(end, closing)).trimStart().startsWith(",");
  const lines = Object.entries(entries)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value, undefined, unit)}`)
    .join(",\n")
    .split("\n")
    .map((line) => `${outer}${unit}${line}`);
  const content = `${lines.join(eol)}${hasComma ? "," : ""}${eol}`;
  const comma = { offset: end, length: 0, content: "," };
  return [...(last === undefined || hasComma ? [] : [comma]), { offset: lineStart, length: 0, content }];
}

function entryOf(server: McpServer, file: McpFile) {
  const { type, ...rest } = { ...file.extra };
  return { type, command: server.command, args: argumentsOf(server, file.folder), ...rest };
}

function readServers(text: string, { path, key }: McpFile): Set<string> {
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: true });
  const servers = isRecord(root) ? (key in root ? root[key] : {}) : undefined;
  if (errors.length > 0 || !isRecord(servers)) {
    throw new UserError(
      `${path} is not JSON with an object under "${key}". It was left as it is: mend it, then write the configuration again.`,
    );
  }
  return new Set(Object.keys(servers));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
