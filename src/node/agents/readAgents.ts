import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AgentFile, AgentOrigin } from "../../core/agents/agentCatalog.ts";
import { messageOf } from "../../core/base/errors.ts";

export type AgentFolder = { path: string; origin: AgentOrigin };

/** `failures` are sentences about files that are there and cannot be read. */
export type AgentFiles = { files: readonly AgentFile[]; failures: readonly string[] };

/** An agent file is a page of text; a larger file in these folders is something else. */
const MAX_AGENT_BYTES = 524_288;
/** A folder with more agents than this is not meant as one. */
const MAX_AGENTS = 200;

/** The folders of a workspace in which VS Code and Claude Code keep agents. */
export function workspaceAgentFolders(workspaceFolder: string): AgentFolder[] {
  return [
    { path: join(workspaceFolder, ".github", "agents"), origin: "workspace" },
    { path: join(workspaceFolder, ".claude", "agents"), origin: "workspace" },
  ];
}

/** Reads the agent files of all folders; a folder that does not exist holds none. */
export async function readAgents(folders: readonly AgentFolder[]): Promise<AgentFiles> {
  const results = await Promise.all(folders.map(readFolder));
  return { files: results.flatMap((result) => result.files), failures: results.flatMap((result) => result.failures) };
}

async function readFolder(folder: AgentFolder): Promise<AgentFiles> {
  const files: AgentFile[] = [];
  const failures: string[] = [];
  let names: string[];
  try {
    names = await readdir(folder.path);
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    return { files, failures: isAbsent ? [] : [`The agents in ${folder.path} cannot be read: ${messageOf(error)}.`] };
  }
  const agentNames = names.filter((name) => /\.md$/i.test(name) && !/^readme\.md$/i.test(name)).toSorted();
  for (const name of agentNames.slice(0, MAX_AGENTS)) {
    const path = join(folder.path, name);
    try {
      files.push({ path, origin: folder.origin, text: await readBounded(path) });
    } catch (error) {
      failures.push(`The agent file ${path} cannot be read: ${messageOf(error)}.`);
    }
  }
  if (agentNames.length > MAX_AGENTS) {
    failures.push(`${folder.path} holds ${agentNames.length} agent files; the first ${MAX_AGENTS} are read.`);
  }
  return { files, failures };
}

async function readBounded(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  if (size > MAX_AGENT_BYTES) {
    throw new Error(`it is larger than ${MAX_AGENT_BYTES} bytes`);
  }
  return await file.readFile("utf8");
}
