import type { ChangedFile } from "../../core/agents/change/changedFile.ts";
import { checkChange } from "../../core/agents/change/checkChange.ts";
import type { PythonParser } from "../../core/base/pythonSyntax.ts";
import { readDeclaredPackages } from "../../core/knowledge/manifests/declaredPackages.ts";
import { checkMachineLearning } from "../../core/training/audit/checkMachineLearning.ts";
import { auditTraining } from "../../core/training/audit/trainingAudit.ts";
import { readScriptFacts } from "../../core/training/scriptFacts.ts";

/**
 * What can be asked about Python texts, by name. Each handler is a pure function of `core` over texts, and what it takes
 * and gives is plain data, since both cross between threads.
 */
const pythonRequests = {
  scriptFacts: (parser: PythonParser, { text, label }: { text: string; label: string }) =>
    parser.read(text, (root) => readScriptFacts(root, label)),
  trainingAudit: (parser: PythonParser, { text, label }: { text: string; label: string }) =>
    parser.read(text, (root) => auditTraining(root, label)),
  mlChecks: (parser: PythonParser, { text }: { text: string }) => checkMachineLearning(parser, text),
  checkChange: (parser: PythonParser, { files, scope }: { files: readonly ChangedFile[]; scope: readonly string[] }) =>
    checkChange(files, scope, parser, readDeclaredPackages),
};

export type PythonRequests = typeof pythonRequests;
export type PythonRequestName = keyof PythonRequests;
export type PythonRequestInput<Name extends PythonRequestName> = Parameters<PythonRequests[Name]>[1];
export type PythonRequestResult<Name extends PythonRequestName> = ReturnType<PythonRequests[Name]>;

/** What goes into the worker, and what comes back under the same number. */
export type WorkerRequest = { id: number; kind: string; input: unknown };
export type WorkerAnswer = { id: number } & ({ result: unknown } | { error: string });

/** Runs the handler of a request. The sender typed the input by the same table. */
export function answerPythonRequest(parser: PythonParser, kind: string, input: unknown): unknown {
  const handlers: Readonly<Record<string, (parser: PythonParser, input: never) => unknown>> = pythonRequests;
  const handler = handlers[kind];
  if (handler === undefined) {
    throw new Error(`The Python reader has no request ${kind}.`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above: `PythonReader.read` takes no other input
  return handler(parser, input as never);
}
