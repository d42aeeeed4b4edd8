import { importsIn } from "../../base/pythonImports.ts";
import type { PythonNode, PythonParser } from "../../base/pythonSyntax.ts";
import { isSilenced, silencesIn } from "../../base/silence.ts";
import { firstSyntaxError } from "../../base/syntaxError.ts";
import { parsedScript } from "../parsedScript.ts";
import { ML_LIBRARIES, mentionsMachineLearning } from "./mlLibraries.ts";
import { findByRules, type MlFinding } from "./mlRule.ts";
import { ML_RULES } from "./mlRules.ts";
import { isScript, keepsModel } from "./reproducibilityRules.ts";
import { type AuditedCode, auditedCode } from "./scopedCalls.ts";
import { findUnknownRules } from "./unknownRules.ts";

export type MlReport = {
  /** A text that is being typed is no whole text: what is missing in it may be on its way. */
  hasSyntaxErrors: boolean;
  /** Where a text stops being Python, for whoever checks files that are ready. */
  syntaxError?: MlFinding;
  findings: readonly MlFinding[];
  /** What comments keep from people who asked for that. It binds agents all the same. */
  silenced: readonly MlFinding[];
};

/** Reads a Python file and checks what it does to models and data, without running it. Files without a library for it have nothing. */
export function checkMachineLearning(parser: PythonParser, text: string): MlReport {
  if (!mentionsMachineLearning(text)) {
    return { hasSyntaxErrors: false, findings: [], silenced: [] };
  }
  return parser.read(text, (root) => {
    const findings = importsMachineLearning(root)
      ? [...findUnasked(auditedCode(parsedScript(root))), ...findUnknownRules(text)]
      : [];
    const silences = silencesIn(text);
    const broken = firstSyntaxError(root);
    return {
      hasSyntaxErrors: root.hasError,
      ...(broken === undefined ? {} : { syntaxError: syntaxFinding(broken) }),
      findings: findings.filter((finding) => !isSilenced(finding, silences)),
      silenced: findings.filter((finding) => isSilenced(finding, silences)),
    };
  });
}

function syntaxFinding({ startPosition: start, endPosition: end }: PythonNode): MlFinding {
  return {
    code: "syntax-error",
    severity: "error",
    message: "This is not Python. Until it is, only part of the file can be checked.",
    range: { start: { line: start.row, column: start.column }, end: { line: end.row, column: end.column } },
    fixes: [],
    commentLines: [start.row],
  };
}

/** What such a file need not have in itself: its caller, or nobody, has it. */
const ABOUT_WHOLE_SCRIPTS = new Set(["no-validation", "unseeded-training", "metric-on-training-data"]);

const TESTED = /^[ \t]*(?:import|from)[ \t]+(?:pytest|unittest)\b|^[ \t]*def test_/m;

/**
 * What is said without being asked. A test trains to see that something trains, and a module is called by scripts, whose
 * validation it does not know. A library's `fit` in a file that keeps no model is a trial.
 */
function findUnasked(code: AuditedCode): MlFinding[] {
  const isTest = TESTED.test(code.root.text);
  const mayLackValidation = isTest || !isScript(code);
  const isTrial = !keepsModel(code);
  return findByRules(ML_RULES, code).filter(
    ({ code: rule, severity }) =>
      !(isTest && ABOUT_WHOLE_SCRIPTS.has(rule)) &&
      !(rule === "no-validation" && (mayLackValidation || (isTrial && severity === "information"))),
  );
}

function importsMachineLearning(root: PythonNode): boolean {
  return importsIn(root).some(({ module }) => ML_LIBRARIES.has(module.split(".")[0] ?? ""));
}
