import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { isCheckpointName } from "../../core/checkpoints/checkpointName.ts";
import type { TaskOutput } from "../../core/workflow/taskOutput.ts";
import { type EvidencePorts, locateFile } from "./measureProof.ts";
import { readAgentFile } from "./workflowDocuments.ts";

/** A larger file is data, of which nobody cites a line. */
const MAX_CITED_BYTES = 5_000_000;

/** `src/train.py:12` in a sentence, and not the port of an address. */
const CITED = /(?<![\w/:])([\w.-][\w./-]*\.[A-Za-z]\w{0,7}):(\d{1,6})\b/g;

/**
 * What an output names that is not so: a file that is not there, a line that a file does not have, a checkpoint that is torn.
 * Sentences for whoever has to mend it; empty where all of it is true.
 */
export async function checkNamedFiles(ports: EvidencePorts, output: TaskOutput): Promise<string[]> {
  const files = await Promise.all(namedFiles(output).map((path) => checkFile(ports, path)));
  const lines = await Promise.all(
    evidenceOf(output).flatMap((text) =>
      [...text.matchAll(CITED)].map(([, path = "", line = ""]) => checkLine(ports, path, Number(line))),
    ),
  );
  return [...new Set([...files, ...lines].flat())];
}

/** `train.py:12-30` names a file with its place. */
function namedFiles(output: TaskOutput): string[] {
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

async function checkFile(ports: EvidencePorts, path: string): Promise<string[]> {
  const located = await locate(ports, path);
  if (typeof located === "string") {
    return [`${located} Name only files that exist.`];
  }
  const problem = isCheckpointName(basename(located.file)) ? await ports.judgeCheckpoint(located.file) : undefined;
  return problem === undefined ? [] : [problem];
}

async function checkLine(ports: EvidencePorts, path: string, line: number): Promise<string[]> {
  const located = await locate(ports, path);
  const remedy = "Cite a line that is there, or leave the evidence empty.";
  if (typeof located === "string") {
    return [`${located} ${remedy}`];
  }
  const status = await stat(located.file);
  if (!status.isFile() || status.size > MAX_CITED_BYTES) {
    return [];
  }
  const count = ((await readAgentFile(located.file)) ?? "").replace(/\n$/, "").split("\n").length;
  return line >= 1 && line <= count ? [] : [`${path} has ${count} lines, and not a line ${line}. ${remedy}`];
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
