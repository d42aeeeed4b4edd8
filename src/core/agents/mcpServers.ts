/** How a Model Context Protocol server is started, over standard input and output. */
export type McpServer = {
  /** Under this name agents list it and configuration files keep it. */
  name: string;
  label: string;
  command: string;
  /** `WORKSPACE_FOLDER` stands for the folder of the workspace. */
  args: readonly string[];
  /** What to do where the command is not installed. */
  howToInstall: string;
};

/** The mark in arguments that each kind of configuration writes in its own way. */
const WORKSPACE_FOLDER = "\u0000workspace";

const UV = "Install uv (`pip install uv`), which brings `uvx`.";
const NODE = "Install Node.js, which brings `npx`.";

/** The servers whose packages were seen to exist where their registries keep them; the one for git is written in Python. */
const SERVERS: readonly McpServer[] = [
  {
    name: "git",
    label: "Git",
    command: "uvx",
    args: ["mcp-server-git", "--repository", WORKSPACE_FOLDER],
    howToInstall: UV,
  },
  {
    name: "filesystem",
    label: "Files of the workspace",
    command: "npx",
    args: ["-y", "@modelcontextprotocol/server-filesystem", WORKSPACE_FOLDER],
    howToInstall: NODE,
  },
  {
    name: "memory",
    label: "Knowledge graph of experiments",
    command: "npx",
    args: ["-y", "@modelcontextprotocol/server-memory"],
    howToInstall: NODE,
  },
  {
    name: "kubernetes",
    label: "Kubernetes, reading only",
    command: "npx",
    args: ["-y", "kubernetes-mcp-server", "--read-only"],
    howToInstall: NODE,
  },
  { name: "aws", label: "AWS", command: "uvx", args: ["awslabs.aws-api-mcp-server"], howToInstall: UV },
];

/** Servers that agents ask for and nobody maintains, with what to use instead. */
const WITHOUT_SERVER: Readonly<Record<string, string>> = {
  postgres:
    "this would let agents ask a PostgreSQL database. Its package is no longer maintained; configure the server of your database by hand.",
  "python-lsp":
    "this would let agents find definitions and uses in Python code. There is no such server; the Python extension gives agents the same by its own tools.",
};

/** The names that an agent's `mcp` list may hold. */
export const MCP_SERVER_NAMES: readonly string[] = [...SERVERS.map(({ name }) => name), ...Object.keys(WITHOUT_SERVER)];

export type McpPlan = {
  servers: readonly McpServer[];
  /** Sentences: what was asked for and cannot be started, and what to do about it. */
  missing: readonly string[];
};

/**
 * The servers that agents ask for, each once, in the order of the table. A server whose command is not installed is
 * left out and named, since a configuration line that cannot start is an error at every start.
 */
export function planMcpServers(asked: readonly string[], isInstalled: (command: string) => boolean): McpPlan {
  const names = new Set(asked);
  const wanted = SERVERS.filter(({ name }) => names.has(name));
  const unknown = [...names].filter((name) => !MCP_SERVER_NAMES.includes(name));
  return {
    servers: wanted.filter(({ command }) => isInstalled(command)),
    missing: [
      ...wanted
        .filter(({ command }) => !isInstalled(command))
        .map(({ label, name, command, howToInstall }) => `${label} (${name}) needs \`${command}\`. ${howToInstall}`),
      ...Object.entries(WITHOUT_SERVER).flatMap(([name, reason]) => (names.has(name) ? [`${name}: ${reason}`] : [])),
      ...unknown.map((name) => `${name}: no server of this name is known. Known are ${MCP_SERVER_NAMES.join(", ")}.`),
    ],
  };
}

/** The arguments with the folder as `folder` writes it: a path, or a variable such as `${workspaceFolder}`. */
export function argumentsOf(server: McpServer, folder: string): string[] {
  return server.args.map((argument) => argument.replaceAll(WORKSPACE_FOLDER, folder));
}

/** Each server as it is started for each folder; one that is told of no folder serves all of them. */
export function serversForFolders(
  servers: readonly McpServer[],
  folders: readonly { name: string; path: string }[],
): { label: string; command: string; args: string[] }[] {
  return servers.flatMap((server) => {
    const { label, command } = server;
    const isShared = folders.length === 1 || !server.args.some((argument) => argument.includes(WORKSPACE_FOLDER));
    return folders.slice(0, isShared ? 1 : folders.length).map(({ name, path }) => ({
      label: isShared ? label : `${label} (${name})`,
      command,
      args: argumentsOf(server, path),
    }));
  });
}

/** The `mcp` list of an agent's front matter; anything but texts is passed over. */
export function askedServers(extra: Readonly<Record<string, unknown>>): string[] {
  const { mcp } = extra;
  return Array.isArray(mcp) ? mcp.filter((name) => typeof name === "string" && name.trim() !== "") : [];
}
