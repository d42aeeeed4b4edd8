import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AgentFile, AgentOrigin } from "../../core/agents/agentCatalog.ts";
import { messageOf } from "../../core/base/errors.ts";
import { errorCode } from "../base/fileErrors.ts";

/** With an `ending`, other markdown of the folder is about something else. `isDeep`: with the folders below it. */
export type AgentFolder = { path: string; origin: AgentOrigin; ending?: ".agent.md"; isDeep?: boolean };

/** `failures` are about files and folders that are there and cannot be read. */
export type AgentFiles = { files: readonly AgentFile[]; failures: readonly AgentFailure[] };

/** `message`: a sentence that names the path. */
export type AgentFailure = { path: string; message: string };

/** An agent file is a page of text; a larger file in these folders is something else. */
const MAX_AGENT_BYTES = 524_288;
/** A folder with more agents than this is not meant as one. */
const MAX_AGENTS = 200;

/** Folders below each other that hold agents; a person sorts no deeper. */
const MAX_DEPTH = 5;

/** The folders of a workspace in which VS Code and Claude Code keep agents; only Claude Code looks below its own. */
export function workspaceAgentFolders(workspaceFolder: string): AgentFolder[] {
  return [
    { path: join(workspaceFolder, ".github", "agents"), origin: "workspace" },
    { path: join(workspaceFolder, ".claude", "agents"), origin: "workspace", isDeep: true },
  ];
}

/** Whether a folder holds the file at a path, as far as its place tells. */
export function holdsAgent({ path, isDeep = false }: AgentFolder, file: string): boolean {
  return dirname(file) === path || (isDeep && file.startsWith(join(path, "/")));
}

/** Reads the agent files of all folders; a folder that does not exist holds none. */
export async function readAgents(folders: readonly AgentFolder[]): Promise<AgentFiles> {
  const results = await Promise.all(folders.map(readFolder));
  return { files: results.flatMap((result) => result.files), failures: results.flatMap((result) => result.failures) };
}

/** The paths of the agent files, of which nothing is read. */
export async function listAgents(folders: readonly AgentFolder[]): Promise<string[]> {
  const lists = await Promise.all(folders.map(listFolder));
  return lists.flatMap(({ paths }) => paths);
}

async function readFolder(folder: AgentFolder): Promise<AgentFiles> {
  const { paths, failures } = await listFolder(folder);
  const read = await readEach(paths, folder.origin);
  return { files: read.files, failures: [...failures, ...read.failures] };
}

/** The agent files at these paths, whatever they are called. */
export async function readEach(paths: readonly string[], origin: AgentOrigin): Promise<AgentFiles> {
  const files: AgentFile[] = [];
  const failures: AgentFailure[] = [];
  for (const path of paths) {
    try {
      files.push({ path, origin, text: await readBounded(path) });
    } catch (error) {
      const why = errorCode(error) === "ENOENT" ? "it is a link that leads to nothing" : messageOf(error);
      failures.push({ path, message: `The agent file ${path} cannot be read: ${why}.` });
    }
  }
  return { files, failures };
}

async function listFolder(folder: AgentFolder): Promise<{ paths: string[]; failures: readonly AgentFailure[] }> {
  const { path, ending = ".md", isDeep = false } = folder;
  const { names, failures } = await namesBelow(path, isDeep ? MAX_DEPTH : 0);
  const agents = names.filter((name) => name.toLowerCase().endsWith(ending) && !/(?:^|[\\/])readme\.md$/i.test(name));
  const message = `${path} holds ${agents.length} agent files; the first ${MAX_AGENTS} are read.`;
  return {
    paths: agents.slice(0, MAX_AGENTS).map((name) => join(path, name)),
    failures: agents.length > MAX_AGENTS ? [...failures, { path, message }] : failures,
  };
}

/** The files of a folder, sorted; with those of its folders down to a depth, of which hidden ones and links are left out. */
async function namesBelow(path: string, depth: number): Promise<{ names: string[]; failures: AgentFailure[] }> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    const isAbsent = ["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "");
    const message = `The agents in ${path} cannot be read: ${messageOf(error)}.`;
    return { names: [], failures: isAbsent ? [] : [{ path, message }] };
  }
  const isEntered = (entry: Dirent) => depth > 0 && entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name);
  const names = entries.filter((entry) => !isEntered(entry)).map(({ name }) => name);
  const failures: AgentFailure[] = [];
  for (const { name } of entries.filter(isEntered)) {
    const below = await namesBelow(join(path, name), depth - 1);
    names.push(...below.names.map((each) => join(name, each)));
    failures.push(...below.failures);
  }
  return { names: names.toSorted(), failures };
}

async function readBounded(path: string): Promise<string> {
  // Opening a pipe waits for who writes into it, and a device never ends.
  const status = await stat(path);
  if (!status.isFile()) {
    throw new Error("it is no file");
  }
  if (status.size > MAX_AGENT_BYTES) {
    throw new Error(`it is larger than ${MAX_AGENT_BYTES} bytes`);
  }
  const bytes = await readFile(path);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new Error("it is UTF-16. Save it as UTF-8");
  }
  if (bytes.includes(0)) {
    throw new Error("it has null bytes, so it is UTF-16 without a mark, or no text. Save it as UTF-8");
  }
  return bytes.toString("utf8");
}
