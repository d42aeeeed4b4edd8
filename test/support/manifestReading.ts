import assert from "node:assert/strict";
import { CONFIG_READER, manifestReaderOf } from "../../src/core/knowledge/manifests/manifestReaders.ts";
import { readNotebook } from "../../src/core/knowledge/manifests/notebook.ts";
import type { Reading, Statement } from "../../src/core/knowledge/manifests/reading.ts";
import { formatSpecifiers } from "../../src/core/knowledge/pep/specifier.ts";
import { loadPythonParser } from "../../src/node/base/pythonParser.ts";

const parser = await loadPythonParser();

export function readManifest(path: string, text: string): Reading {
  if (path.endsWith(".ipynb")) {
    return readNotebook({ path, text });
  }
  const reader = manifestReaderOf(path) ?? CONFIG_READER;
  return reader.needsPython ? reader.read({ path, text }, parser) : reader.read({ path, text });
}

/** Statements as short lines, counting lines from one: "torch >=2 @3", "make train: python train.py @1". */
export function brief({ statements }: Reading): string[] {
  return statements.map((statement) => `${briefStatement(statement)} @${statement.line + 1}`);
}

function briefStatement(statement: Statement): string {
  switch (statement.kind) {
    case "package": {
      const { requirement, group, standing } = statement;
      const parts = [
        requirement.name,
        formatSpecifiers(requirement.specifiers),
        group && `(${group})`,
        standing === "declared" ? "" : standing,
      ];
      return parts.filter((part) => part).join(" ");
    }
    case "override":
      return `override ${statement.requirement.name} ${formatSpecifiers(statement.requirement.specifiers)}`;
    case "python":
      return `python ${statement.value}`;
    case "include":
      return `${statement.as} ${statement.path}`;
    case "command":
      return `${statement.invoke}: ${statement.command}`;
    case "environment":
      return `on ${statement.value}`;
    case "configuration":
      return `configures ${statement.of}`;
    case "import":
      return `imports ${statement.module}`;
    case "workspace":
      return `members ${statement.members.join(" ")}`;
    case "flow":
    case "decorator":
    case "script":
    case "resume-option":
    case "log-folder":
    case "checkpoint-folder":
      break;
  }
  return statement.kind;
}

/** `problems`: the code and the line of each, counted from one. */
export function checkManifest(
  path: string,
  text: string,
  expected: readonly string[],
  problems: readonly string[] = [],
): void {
  const reading = readManifest(path, text);
  assert.deepEqual(brief(reading), expected);
  assert.deepEqual(
    reading.problems.map(({ code, range }) => `${code} @${range.start.line + 1}`),
    problems,
  );
}
