import { stat } from "node:fs/promises";
import { basename, dirname, isAbsolute } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { isCheckpointName } from "../../core/checkpoints/checkpointName.ts";
import { type OutputProblem, samePlain } from "../../core/workflow/outputProblems.ts";
import type { TaskOutput } from "../../core/workflow/taskOutput.ts";
import { contains } from "../base/workspacePath.ts";
import { type EvidencePorts, locateFile } from "./measureProof.ts";
import { readDocument } from "./workflowDocuments.ts";

/** A larger file is data, of which nobody cites a line. */
const MAX_CITED_BYTES = 5_000_000;

/** An answer that cites more is not checked to its end. */
const MAX_CITED_FILES = 50;

/** `https://host:8080/path`, of which no part is a file of the workspace. */
const ADDRESS = /[a-z][\w+.-]*:\/\/\S+/gi;

/** Endings of sources and documents: `redis.local:6379` is no line of a file. */
const ENDINGS =
  "py|pyi|ipynb|md|rst|txt|json|jsonl|ya?ml|toml|cfg|ini|csv|tsv|xml|html|css|sh|sql|[cm]?[jt]s|[jt]sx|c|h|cc|cpp|hpp|cu|cuh|rs|go|java|kt|r|jl|scala|proto|log";

/** `src/train.py:12` in a sentence, also with the whole path of the file. */
const CITED = new RegExp(
  `(?<![\\p{L}\\p{N}_./\\\\:@-])((?:[a-z]:)?[\\p{L}\\p{N}_./\\\\-]+\\.(?:${ENDINGS})):(\\d{1,6})(?![\\p{L}\\p{N}_])`,
  "giu",
);

/** `tests/test_model.py` in a sentence. A name without a folder may lie in any of them. */
const IN_SENTENCE = new RegExp(
  `(?<![\\p{L}\\p{N}_./\\\\:@~-])((?:[\\p{L}\\p{N}_.-]+[/\\\\])+[\\p{L}\\p{N}_.-]+\\.(?:${ENDINGS}))(?![\\p{L}\\p{N}_])`,
  "giu",
);

/** `train.py/eval.py` names two files and no folder. */
const TWO_FILES = new RegExp(`\\.(?:${ENDINGS})[/\\\\]`, "i");

/** What a sentence says of the paths that follow: that they were written, or something else. */
const TELLING = new RegExp(
  [
    String.raw`(?<![\w./\\-])(?:`,
    String.raw`(?<!\b(?:not|never|yet) )(?<written>wrote|rewrote|added|created|changed|edited|updated|extended|implemented|refactored|fixed|put|made|(?:moved|renamed|copied|converted|turned|split)\b.*\s(?:to|into))`,
    String.raw`|removed|deleted|dropped|moved|renamed|copied|converted|turned|split|from|of|for|with|by|like|as|than|using|uses?|reads?|loads?|writes?|saves?|creates?|will|would|should|not`,
    String.raw`)(?![\w./\\-])`,
  ].join(""),
  "giu",
);

/**
 * What an output names that is not so: a file that is not there, a line that a file does not have, a checkpoint that is torn.
 * Empty where all of it is true.
 */
export async function checkNamedFiles(ports: EvidencePorts, output: TaskOutput): Promise<OutputProblem[]> {
  const files = await Promise.all([...new Set(namedFiles(output))].map((path) => checkFile(ports, path)));
  const lines: OutputProblem[][] = [];
  // One after the other, so that no more than one of them is held in memory.
  for (const [path, cited] of [...citedLines(ports, output)].slice(0, MAX_CITED_FILES)) {
    lines.push(await checkLines(ports, path, cited));
  }
  return [...new Map([...files, ...lines].flat().map((problem) => [problem.toAgent, problem])).values()];
}

/**
 * The files that a person's sentence says were written and that are not there. What it says was removed, is read or
 * comes to be later need not be there.
 */
export async function findMissingFiles(ports: EvidencePorts, output: TaskOutput): Promise<string[]> {
  if (output.kind !== "files") {
    return [];
  }
  const paths = [...new Set(writtenFiles(output.summary))].slice(0, MAX_CITED_FILES);
  const found = await Promise.all(paths.map(async (path) => typeof (await locate(ports, path)) !== "string"));
  return paths.filter((_path, index) => found[index] === false);
}

/** The paths of a sentence before which the last word that tells says that something was written there. */
function writtenFiles(summary: string): string[] {
  const text = summary.replaceAll(ADDRESS, " ");
  return [...text.matchAll(IN_SENTENCE)].flatMap(({ 1: path = "", index }) => {
    const before =
      text
        .slice(0, index)
        .split(/[.!?;]\s/)
        .at(-1) ?? "";
    const isWritten = [...before.matchAll(TELLING)].at(-1)?.groups?.["written"] !== undefined;
    return isWritten && !TWO_FILES.test(path) ? [path] : [];
  });
}

/** Lines by their files. A whole path outside of the workspace, such as one of a library, is nothing of the workspace. */
function citedLines({ workspaceFolder }: EvidencePorts, output: TaskOutput): Map<string, Set<number>> {
  const cited = new Map<string, Set<number>>();
  const texts = evidenceOf(output).map((text) => text.replaceAll(ADDRESS, " "));
  for (const [, path = "", line = ""] of texts.flatMap((text) => [...text.matchAll(CITED)])) {
    if (!isAbsolute(path) || contains(workspaceFolder, path)) {
      cited.set(path, (cited.get(path) ?? new Set()).add(Number(line)));
    }
  }
  return cited;
}

/** `train.py:12-30` names a file with its place. */
export function namedFiles(output: TaskOutput): string[] {
  const paths =
    output.kind === "notes"
      ? output.keyFiles.map(({ path }) => path)
      : output.kind === "files"
        ? output.files.map(({ path }) => path)
        : [];
  return paths.map((path) => path.replace(/:\d+(?:[-–:]\d+)?$/, ""));
}

function evidenceOf(output: TaskOutput): string[] {
  switch (output.kind) {
    case "risks":
      return output.risks.map(({ evidence }) => evidence);
    case "findings":
      return output.findings.map(({ evidence }) => evidence);
    case "checks":
      return output.checks.map(({ evidence }) => evidence);
    case "notes":
    case "approach":
    case "files":
      break;
  }
  return [];
}

async function checkFile(ports: EvidencePorts, path: string): Promise<OutputProblem[]> {
  const located = await locate(ports, path);
  if (typeof located === "string") {
    return [{ says: located, toAgent: `${located} Name only files that exist.` }];
  }
  const problem = isCheckpointName(basename(located.file)) ? await ports.judgeCheckpoint(located.file) : undefined;
  return problem === undefined ? [] : [samePlain(problem)];
}

async function checkLines(ports: EvidencePorts, path: string, lines: ReadonlySet<number>): Promise<OutputProblem[]> {
  const located = await locate(ports, path);
  const remedy = "Cite a line that is there, or leave the evidence empty.";
  if (typeof located === "string") {
    return [{ says: located, toAgent: `${located} ${remedy}` }];
  }
  const status = await stat(located.file);
  if (!status.isFile() || status.size > MAX_CITED_BYTES) {
    return [];
  }
  const count = ((await readDocument(dirname(located.file), basename(located.file))) ?? "")
    .replace(/\n$/, "")
    .split("\n").length;
  return [...lines]
    .filter((line) => line < 1 || line > count)
    .map((line) => `${path} has ${count} lines, and not a line ${line}.`)
    .map((says) => ({ says, toAgent: `${says} ${remedy}` }));
}

async function locate(ports: EvidencePorts, path: string) {
  try {
    return await locateFile(ports, path);
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
}
