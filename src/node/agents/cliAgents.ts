import { stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { type AgentFile, type AgentFileProblem, collectAgents, parseOnce } from "../../core/agents/agentCatalog.ts";
import { agentDialect } from "../../core/agents/dialect.ts";
import { UserError } from "../../core/base/errors.ts";
import { agentWords } from "../../core/chat/agentWords.ts";
import { printedJson } from "../base/cliJson.ts";
import { type CliCall, type CliVerb, JSON_OPTION, UsageError } from "../base/cliVerb.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { type AgentFiles, type AgentFolder, readAgents, readEach, workspaceAgentFolders } from "./readAgents.ts";

/** What was asked about: all agents below a folder, or one file of it. Others are read for their names. */
type Checked = { folder: string; file?: string };

/** Paths are relative to the checked folder, or to that of the checked file. */
type AgentsReport = { files: readonly string[]; problems: readonly AgentFileProblem[]; failures: readonly string[] };

export const agentsVerb: CliVerb = {
  ...VERB_TEXTS.agents,
  options: {
    json: JSON_OPTION,
  },
  async run(call) {
    const checked = await whatToCheck(call);
    const { folder } = checked;
    const own = checked.file === undefined ? await readOwn(folder) : await readWithNeighbours(checked.file);
    const shippedFolder = resolve(dirname(call.host.supervisorPath), "..", "agents");
    const shipped = await readAgents(folder === shippedFolder ? [] : [{ path: shippedFolder, origin: "shipped" }]);
    const report = checkAgents(checked, own, shipped);
    call.host.print(call.options["json"] === true ? printedJson(report) : renderReport(report));
    const isFailing = report.failures.length > 0 || report.problems.some(({ severity }) => severity !== "information");
    return isFailing ? 1 : 0;
  },
};

async function whatToCheck(call: CliCall): Promise<Checked> {
  const [action, word, ...others] = call.words;
  if (action !== "check" || word === undefined || others.length > 0) {
    throw new UsageError("`agents` is followed by `check` and one folder or file.");
  }
  const path = resolve(call.root, word);
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) {
    return { folder: path };
  }
  if (status === undefined || !/\.md$/i.test(path)) {
    const what = status === undefined ? "is not there" : "is no agent file";
    throw new UserError(
      `${path} ${what}. Name a workspace, a folder of agent files, or an agent file, which ends in \`.md\`.`,
    );
  }
  return { folder: dirname(path), file: path };
}

/** One file and those beside it, to whom it may hand on. */
async function readWithNeighbours(file: string): Promise<AgentFiles> {
  const workspace = workspaceOf(dirname(file));
  const folders: AgentFolder[] =
    workspace === undefined
      ? [{ path: dirname(file), origin: "workspace", ending: ".agent.md" }]
      : workspaceAgentFolders(workspace);
  const around = await readAgents(folders);
  const own = await readEach([file], "workspace");
  return {
    files: [...around.files.filter(({ path }) => path !== file), ...own.files],
    failures: own.failures,
  };
}

/** The workspace around a folder of agent files, or around one below Claude Code's. */
function workspaceOf(folder: string): string | undefined {
  const [, around] = /^(.*)[\\/]\.(?:github[\\/]agents|claude[\\/]agents(?:[\\/].*)?)$/.exec(folder) ?? [];
  return around;
}

/** In a folder that is not called `agents`, other markdown than `*.agent.md` is about something else. */
async function readOwn(folder: string): Promise<AgentFiles> {
  const isDeep = agentDialect(join(folder, "x.md")) === "claude";
  const direct: AgentFolder = { path: folder, origin: "workspace", isDeep };
  const isAgentFolder = isDeep || basename(folder) === "agents";
  const own = await readAgents([
    isAgentFolder ? direct : { ...direct, ending: ".agent.md" },
    ...workspaceAgentFolders(folder),
  ]);
  if (own.files.length === 0 && own.failures.length === 0) {
    const looked = ".github/agents, .claude/agents and *.agent.md in the folder itself";
    throw new UserError(`There are no agent files in ${folder}. Looked for: ${looked}.`);
  }
  // Agents of the same workspace are there for the names that files of this folder hand on to.
  const workspace = workspaceOf(folder);
  const around = workspace === undefined ? [] : (await readAgents(workspaceAgentFolders(workspace))).files;
  return { ...own, files: [...around.filter(({ path }) => !isBelow(folder, path)), ...own.files] };
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(join(folder, sep));
}

/** The shipped agents are read for their names alone: handing work to one of them is no problem. */
function checkAgents({ folder, file }: Checked, own: AgentFiles, shipped: AgentFiles): AgentsReport {
  const { agents } = collectAgents(shipped.files, { isWorkspaceTrusted: true });
  // Outside of an editor there are no tools and models to look up, and those that the shipped agents name are there.
  const words = agentWords(
    agents.flatMap(({ definition }) => definition.tools ?? []),
    [],
  );
  const catalog = collectAgents([...shipped.files, ...own.files], { isWorkspaceTrusted: true, words });
  const isChecked = (path: string) => (file === undefined ? isBelow(folder, path) : path === file);
  const paths = new Set(own.files.map(({ path }) => path).filter(isChecked));
  const shippedNames = new Set(agents.map(({ definition }) => definition.name));
  const takers = catalog.agents.filter(({ path, definition }) => paths.has(path) && shippedNames.has(definition.name));
  const replacements = own.files.filter((each) => takers.some(({ path }) => path === each.path)).map(replacementOf);
  const brief = (message: string) => message.replaceAll(`${folder}${sep}`, "");
  const problems = [...catalog.problems.filter((problem) => paths.has(problem.path)), ...replacements]
    .map((problem) => ({ ...problem, path: relative(folder, problem.path), message: brief(problem.message) }))
    .toSorted(byPlace);
  return {
    files: [...paths].map((path) => relative(folder, path)),
    problems,
    failures: own.failures.map(({ message }) => brief(message)),
  };
}

/** As a person reads the files. */
function byPlace(a: AgentFileProblem, b: AgentFileProblem): number {
  const [first, second] = [a.range.start, b.range.start];
  return a.path === b.path ? first.line - second.line || first.column - second.column : a.path < b.path ? -1 : 1;
}

/** On purpose or by accident, the shipped agent of that name is not reached any more. */
function replacementOf(file: AgentFile): AgentFileProblem {
  const { definition, ranges } = parseOnce(file);
  const name = definition?.name ?? "";
  return {
    code: "replaces-shipped-agent",
    severity: "information",
    message:
      definition?.extra["extends"] === name
        ? `This agent adds to the shipped agent \`${name}\`, which has its name.`
        : `This agent takes the place of the shipped agent \`${name}\`, which has its name. Give it another name to keep both, or write \`extends: ${name}\` to add to it.`,
    range: ranges?.name ?? { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } },
    path: file.path,
  };
}

function renderReport({ files, problems, failures }: AgentsReport): string {
  const lines = problems.map(({ path, range, severity, message, code }) => {
    const { line, column } = range.start;
    return `${path}:${line + 1}:${column + 1} ${severity === "information" ? "remark" : severity}: ${message} (${code})`;
  });
  const count = files.length === 1 ? "1 agent file" : `${files.length} agent files`;
  const remarks = problems.filter(({ severity }) => severity === "information").length;
  const found = counted(problems.length - remarks + failures.length, "problem");
  return [
    ...lines,
    ...failures,
    `${[count, found, ...(remarks > 0 ? [counted(remarks, "remark")] : [])].join(", ")}.`,
  ].join("\n");
}

function counted(count: number, what: string): string {
  return `${count === 0 ? "no" : count} ${what}${count === 1 ? "" : "s"}`;
}
