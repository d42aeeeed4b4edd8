import { stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { Finding } from "../../core/metaflow/lint/finding.ts";
import { type CliCall, type CliVerb, UsageError } from "../base/cliVerb.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";
import { inspectFlowFile } from "./inspectFlow.ts";

export const checkVerb: CliVerb = {
  usage: "<file or folder>… [--json]",
  summary: "find mistakes in Metaflow flows without running them; exit code 1 for errors and warnings",
  options: { json: { type: "boolean" } },
  async run(call) {
    if (call.words.length === 0) {
      throw new UsageError("A flow file or a folder is missing.");
    }
    const checked = await checkFiles(await collectFiles(call));
    const findings = checked.flatMap(({ path, findings: found }) => found.map((finding) => ({ path, finding })));
    const flows = checked.reduce((sum, { flowCount }) => sum + flowCount, 0);
    call.host.print(
      call.options["json"] === true
        ? JSON.stringify({ flows, findings: findings.map((each) => findingData(each, call.root)) }, null, 2)
        : [...findings.map((each) => findingLine(each, call.root)), summary(findings.length, flows)].join("\n"),
    );
    return findings.some(({ finding }) => finding.severity !== "information") ? 1 : 0;
  },
};

/** Hidden folders and environments are left out; a file that is named is looked at whatever it is. */
async function collectFiles({ root, words }: CliCall): Promise<string[]> {
  const files: string[] = [];
  for (const word of words) {
    const path = resolve(root, word);
    const status = await stat(path).catch(() => undefined);
    if (!status) {
      throw new UserError(`${path} does not exist. Name flow files or folders with flows.`);
    }
    if (status.isDirectory()) {
      const walk = await walkWorkspace(path);
      files.push(...walk.files.filter(({ extension }) => extension === ".py").map((file) => join(path, file.path)));
      walk.omissions.forEach((omission) => process.stderr.write(`trainyard: ${omission}\n`));
    } else {
      files.push(path);
    }
  }
  return [...new Set(files)];
}

type Checked = { path: string; findings: readonly Finding[]; flowCount: number };

async function checkFiles(paths: readonly string[]): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const path of paths) {
    const report = await inspectFlowFile({ path });
    if (report && report.flows.length > 0) {
      checked.push({ path, findings: report.findings, flowCount: report.flows.length });
    }
  }
  return checked;
}

type Found = { path: string; finding: Finding };

function findingLine({ path, finding }: Found, root: string): string {
  const { start } = finding.range;
  const place = `${relative(root, path) || path}:${start.line + 1}:${start.column + 1}`;
  return `${place}: ${finding.severity}: ${finding.message} [${finding.code}]`;
}

/** Lines and columns count from one, as compilers print them. */
function findingData({ path, finding }: Found, root: string): object {
  const { code, severity, message, range, flow, step, fixes } = finding;
  return {
    file: relative(root, path) || path,
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

function summary(findings: number, flows: number): string {
  const what = `${flows} ${flows === 1 ? "flow" : "flows"}`;
  return findings === 0
    ? `No mistakes in ${what}.`
    : `${findings} ${findings === 1 ? "finding" : "findings"} in ${what}.`;
}
