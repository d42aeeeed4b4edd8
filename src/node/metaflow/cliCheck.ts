import { stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { Fix, Problem } from "../../core/base/problems.ts";
import { type CliCall, type CliVerb, JSON_OPTION, UsageError } from "../base/cliVerb.ts";
import { optimizeParserLater } from "../base/optimizeLater.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";
import { inspectFlowFile } from "./inspectFlow.ts";

/** What a check says about one file; nothing where it is not about such files. */
type FileCheck = (path: string) => Promise<{ findings: readonly FileFinding[]; count: number } | undefined>;

/** `cell`: of a notebook, from one; then the range counts from its beginning. */
type FileFinding = Problem & { flow?: string; step?: string; cell?: number; fixes: readonly Fix[] };

/** Flows are checked here; `checkTraining` checks what a file does to models and data. */
export function checkVerb(checkTraining: FileCheck): CliVerb {
  return {
    ...VERB_TEXTS.check,
    options: {
      json: JSON_OPTION,
      ml: { type: "boolean", help: "look for leakage and other mistakes in machine-learning code instead of in flows" },
    },
    async run(call) {
      const isMl = call.options["ml"] === true;
      if (call.words.length === 0) {
        throw new UsageError(
          isMl ? "A Python file, a notebook or a folder is missing." : "A flow file or a folder is missing.",
        );
      }
      optimizeParserLater();
      const files = await collectFiles(call, isMl ? [".py", ".ipynb"] : [".py"]);
      const checked = await checkFiles(files, isMl ? checkTraining : (path) => checkFlows(path, call.root));
      const findings = checked.flatMap(({ path, findings: found }) => found.map((finding) => ({ path, finding })));
      const count = checked.reduce((sum, each) => sum + each.count, 0);
      const data = findings.map((each) => findingData(each, call.root));
      const lines = findings.map((each) => findingLine(each, call.root));
      call.host.print(
        call.options["json"] === true
          ? JSON.stringify(isMl ? { files: count, findings: data } : { flows: count, findings: data }, null, 2)
          : [...lines, count === 0 ? nothingIn(files.length, isMl) : summary(findings.length, count, isMl)].join("\n"),
      );
      return findings.some(({ finding }) => finding.severity !== "information") ? 1 : 0;
    },
  };
}

/** Absolute imports are looked for in the folder of the command too, as by `trainyard graph` and in the editor. */
async function checkFlows(path: string, root: string) {
  const report = await inspectFlowFile({ path, roots: [root] });
  // A flow that a syntax error hides is one, too.
  return report && { findings: report.findings, count: report.flows.length || Math.min(1, report.findings.length) };
}

/** Hidden folders and environments are left out; a file that is named is looked at whatever it is. */
async function collectFiles({ root, words }: CliCall, extensions: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const word of words) {
    const path = resolve(root, word);
    const status = await stat(path).catch(() => undefined);
    if (!status) {
      throw new UserError(`${path} does not exist. Name Python files or folders with some.`);
    }
    if (status.isDirectory()) {
      const walk = await walkWorkspace(path);
      files.push(
        ...walk.files.filter(({ extension }) => extensions.includes(extension)).map((file) => join(path, file.path)),
      );
      walk.omissions.forEach((omission) => process.stderr.write(`trainyard: ${omission}\n`));
    } else {
      files.push(path);
    }
  }
  return [...new Set(files)];
}

type Checked = { path: string; findings: readonly FileFinding[]; count: number };

async function checkFiles(paths: readonly string[], check: FileCheck): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const path of paths) {
    const report = await check(path);
    if (report && report.count > 0) {
      checked.push({ path, ...report });
    }
  }
  return checked;
}

type Found = { path: string; finding: FileFinding };

function findingLine({ path, finding }: Found, root: string): string {
  const { start } = finding.range;
  const cell = finding.cell === undefined ? "" : `cell ${finding.cell}:`;
  const place = `${relative(root, path) || path}:${cell}${start.line + 1}:${start.column + 1}`;
  return `${place}: ${finding.severity}: ${finding.message} [${finding.code}]`;
}

/** Lines and columns count from one, as compilers print them. */
function findingData({ path, finding }: Found, root: string): object {
  const { code, severity, message, range, flow, step, cell, fixes } = finding;
  return {
    file: relative(root, path) || path,
    ...(cell === undefined ? {} : { cell }),
    line: range.start.line + 1,
    column: range.start.column + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.column + 1,
    rule: code,
    severity,
    message,
    flow: flow ?? null,
    step: step ?? null,
    fixes: fixes.map(({ title }) => title),
  };
}

/** Nothing that was looked at is what the check is about; that is no praise. */
function nothingIn(files: number, isMl: boolean): string {
  const kind = isMl ? "Python file or notebook" : "Python file";
  const missing = isMl ? "imports a library for machine learning" : "has a Metaflow flow";
  const other = isMl ? "" : " To check other training code: trainyard check --ml";
  return files === 0
    ? `Nothing was checked: there is no ${kind} here.`
    : `Nothing was checked: no ${kind} of the ${files} here ${missing}.${other}`;
}

function summary(findings: number, count: number, isMl: boolean): string {
  const thing = isMl ? "file" : "flow";
  const what = `${count} ${count === 1 ? thing : `${thing}s`}`;
  return findings === 0
    ? `No mistakes in ${what}.`
    : `${findings} ${findings === 1 ? "finding" : "findings"} in ${what}.`;
}
