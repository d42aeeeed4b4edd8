import { callsClass } from "../graph/callsClass.ts";
import { isWhole } from "../graph/isWhole.ts";
import type { Flow } from "../graph/linkFlow.ts";
import { linesOf } from "./edits.ts";
import type { Finding } from "./finding.ts";

/** What a class that is built on a flow may add, as Python's other abstract classes leave it. */
export const LEFT_TO_OTHERS: ReadonlySet<string> = new Set(["basic-steps", "unknown-transitions", "orphans"]);

/**
 * What a flow leaves out that is there to be built on is no error: one that its file cannot run, and that has no start or no
 * end, or says so. A name that is nearly right is a mistake all the same.
 */
export function leaveToOthers(findings: readonly Finding[], flow: Flow): Finding[] {
  return isAbstract(flow) ? findings.map((finding) => ofUnfinished(finding, flow.name)) : [...findings];
}

/** A class that is there to be built on. Asked of the text, so that a flow that may be run in a way not known here is none. */
export function isAbstract({ name, file, steps, source }: Flow): boolean {
  const isRun = /\b__name__\b/.test(file.text) || callsClass(file, name) || [...file.aliases.values()].includes(name);
  const saysSo = () =>
    BASE_NAME.test(name) ||
    LEAVES_OPEN.test(
      linesOf(file)
        .slice(source.line, source.endLine + 1)
        .join("\n"),
    );
  return !isRun && (!isWhole(steps) || saysSo());
}

const BASE_NAME = /^(?:Abstract|Base)|(?:Abstract|Base|Mixin)(?:Flow)?$/;

const LEAVES_OPEN = /\bNotImplementedError\b|@(?:abc\.)?abstractmethod\b/;

function ofUnfinished(finding: Finding, name: string): Finding {
  return LEFT_TO_OTHERS.has(finding.code) && finding.fixes.length === 0
    ? {
        ...finding,
        severity: "information",
        message: `${finding.message} A class that is built on ${name} may change that.`,
      }
    : finding;
}
