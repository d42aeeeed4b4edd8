import { applyEdits, modify, type ParseError, parse } from "jsonc-parser";
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
  return { insertSpaces: !/^\t/m.test(text), tabSize: 2, eol: text.includes("\r\n") ? "\r\n" : "\n" };
}

/**
 * The text of a configuration file with the servers added. Entries that are there stay as they are, also where they
 * differ, and so do comments and unknown keys. Throws a UserError for a file that is no JSON.
 */
export function mergeMcpConfig(text: string, file: McpFile, servers: readonly McpServer[]): MergedConfig {
  const before = text.trim() === "" ? "{}\n" : text;
  const present = readServers(before, file);
  const added = servers.filter(({ name }) => !present.has(name));
  const merged = added.reduce(
    (current, server) =>
      applyEdits(
        current,
        modify(current, [file.key, server.name], entryOf(server, file), { formattingOptions: formattingOf(before) }),
      ),
    before,
  );
  return {
    text: merged,
    added: added.map(({ name }) => name),
    kept: servers.filter(({ name }) => present.has(name)).map(({ name }) => name),
  };
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
