import { applyEdits, findNodeAtLocation, modify, type ParseError, parse, parseTree } from "jsonc-parser";
import { argumentsOf, type McpServer } from "../../core/agents/mcpServers.ts";
import { UserError } from "../../core/base/errors.ts";
import { formattingOf, insertLines } from "../base/jsoncInsert.ts";

/** The two files that keep servers, with the keys and variables each of them knows. */
export const MCP_FILES = [
  { path: ".vscode/mcp.json", key: "servers", folder: "${workspaceFolder}", extra: { type: "stdio" } },
  // The coding agent runs in a checkout of the repository, which is its working directory.
  { path: ".github/mcp-config.json", key: "mcpServers", folder: ".", extra: { type: "local", tools: ["*"] } },
] as const;

export type McpFile = (typeof MCP_FILES)[number];

export type MergedConfig = { text: string; added: readonly string[]; kept: readonly string[] };

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
    servers === undefined
      ? insertLines(text, root, [{ key, value: entries }])
      : insertLines(
          text,
          servers,
          Object.entries(entries).map(([name, value]) => ({ key: name, value })),
        );
  if (edits !== undefined) {
    return applyEdits(text, edits);
  }
  const formattingOptions = formattingOf(text);
  return Object.entries(entries).reduce(
    (current, [name, value]) => applyEdits(current, modify(current, [key, name], value, { formattingOptions })),
    text,
  );
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
