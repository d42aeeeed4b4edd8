import { type Problem, rangeOnLine } from "../base/problems.ts";

/** What Metaflow's own `check` said about a flow file. */
export type FlowCheck =
  | { kind: "ok" }
  | { kind: "problems"; problems: readonly Problem[] }
  | { kind: "metaflow-missing"; message: string }
  /** The file ran to its end without Metaflow taking part. */
  | { kind: "not-a-flow"; message: string };

export type CheckOutput = { exitCode: number; stdout: string; stderr: string };

/** Reads what `python FILE --no-pylint check` printed. `python` and `file` are named in the sentences. */
export function parseCheckOutput(output: CheckOutput, python: string, file: string): FlowCheck {
  const text = `${output.stdout}\n${output.stderr}`;
  if (/ModuleNotFoundError: No module named 'metaflow'/.test(text)) {
    return {
      kind: "metaflow-missing",
      message: `Metaflow is not installed for ${python}. Install it with \`${python} -m pip install metaflow\`, or choose another interpreter.`,
    };
  }
  if (output.exitCode === 0) {
    return /The graph looks good!/.test(text)
      ? { kind: "ok" }
      : {
          kind: "not-a-flow",
          message: `${file} ran, but no flow answered. A flow file ends with \`if __name__ == "__main__":\` and a call of its class.`,
        };
  }
  return { kind: "problems", problems: [lintIssue(text) ?? pythonError(text, file) ?? unknownFailure(text, output)] };
}

/** "Validity checker found an issue in file F on line N:", then the message, indented. */
function lintIssue(text: string): Problem | undefined {
  const match =
    /Validity checker found an issue(?: in file .+?)?(?: on line (\d+))?:\s*\n([\s\S]+?)(?:\n\s*\n|\s*$)/.exec(text);
  return match === null ? undefined : problem("metaflow-check", joinLines(match[2] ?? ""), Number(match[1] ?? 1));
}

/** The last line of a traceback, at the deepest line of it that lies in the file itself. */
function pythonError(text: string, file: string): Problem | undefined {
  const lines = text.trimEnd().split("\n");
  const message = lines.findLast((line) => /^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit)\b/.test(line));
  if (message === undefined) {
    return undefined;
  }
  const place = lines
    .map((line) => /^\s*File "(.+)", line (\d+)/.exec(line))
    .findLast((match) => match?.[1] !== undefined && (match[1] === file || file.endsWith(match[1])));
  return problem("python-error", message.trim(), Number(place?.[2] ?? 1));
}

function unknownFailure(text: string, output: CheckOutput): Problem {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("Metaflow "));
  const said = lines.slice(-3).join(" ");
  return problem("metaflow-check", said === "" ? `The check ended with exit code ${output.exitCode}.` : said, 1);
}

function problem(code: string, message: string, line: number): Problem {
  return { code, severity: "error", message, range: rangeOnLine(line - 1, 0, 0) };
}

function joinLines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
    .trim();
}

/**
 * Markdown for the answer of a check. `findings` are those of the flow as it is read here; they are told where Metaflow has
 * nothing to say: it does not look at what only a run would meet.
 */
export function describeFlowCheck(check: FlowCheck, relativePath: string, findings: readonly Problem[] = []): string {
  if (check.kind === "problems") {
    return [`Metaflow does not accept \`${relativePath}\`:`, "", ...check.problems.map(problemLine)].join("\n");
  }
  const said = check.kind === "ok" ? `Metaflow accepts \`${relativePath}\`: the graph looks good.` : check.message;
  const serious = findings.filter(({ severity }) => severity !== "information");
  return serious.length === 0
    ? said
    : [`${said} Trainyard finds in the code:`, "", ...serious.map(problemLine)].join("\n");
}

function problemLine({ range, message }: Problem): string {
  return `- line ${range.start.line + 1}: ${message}`;
}
