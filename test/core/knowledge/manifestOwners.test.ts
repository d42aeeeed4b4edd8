import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readMetadata } from "../../../src/core/knowledge/manifests/installed.ts";
import { manifestReaderOf } from "../../../src/core/knowledge/manifests/manifestReaders.ts";
import type { Reading, Statement, TextFile } from "../../../src/core/knowledge/manifests/reading.ts";
import { evaluateMarker, formatMarker } from "../../../src/core/knowledge/pep/marker.ts";
import { formatSpecifiers, satisfies } from "../../../src/core/knowledge/pep/specifier.ts";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";
import { decodeSource } from "../../../src/node/base/readSource.ts";
import { repositoryRoot, runPython } from "../../support/python.ts";

/*
 * pip, packaging and the standard library read every manifest of the corpus, in one process; so do the readers of this
 * project. Markers are evaluated in three environments, versions tried on every specifier.
 */

const ENVIRONMENTS = [
  environment({ sys_platform: "linux", platform_system: "Linux", python_full_version: "3.11.7" }),
  environment({ sys_platform: "win32", os_name: "nt", platform_system: "Windows", python_full_version: "3.8.1" }),
  environment({
    sys_platform: "darwin",
    platform_system: "Darwin",
    platform_machine: "arm64",
    python_full_version: "3.13.0",
  }),
];

const PROBES = (
  "0 0.9 1.0 1.0.0 1.0.1 1.0a1 1.0rc1 1.0.post1 1.0.dev1 1.0+local 1.2.3 1.26.4 2 2.0 2.0rc1 2.0.0.post1 2.4 2.4.0 2.4.0+cu126 2.4.0+cpu " +
  "2.5.0.dev20240901 2.13.0+cu126 3.0.0b2 3.0 3.0.1 3 4.0a1 8.0.4 20240101123456 20250101123456 1!1.9 1!2 1!2.3.9 2024.10.31"
).split(" ");

const corpus = join(repositoryRoot, "test/fixtures/manifests");
const parser = await loadPythonParser();
const oracle = await runPython(
  [join(import.meta.dirname, "manifestOwners.py"), corpus, JSON.stringify(ENVIRONMENTS), JSON.stringify(PROBES)],
  { cwd: corpus },
);
const answers: Record<string, Record<string, unknown>[]> = JSON.parse(oracle.stdout || "{}");

test("the corpus has at least sixty manifests, and their owners read all of them", () => {
  assert.equal(oracle.exitCode, 0, oracle.stderr.slice(-2000));
  assert.ok(Object.keys(answers).length >= 60, `${Object.keys(answers).length} manifests`);
});

for (const [path, expected] of Object.entries(answers)) {
  test(`reads ${path} as its owner does`, () => {
    const { statements, problems } = read({ path, text: decodeSource(readFileSync(join(corpus, path))) });
    const packages = statements.flatMap((statement) =>
      describe(
        statement,
        expected.some((entry) => "line" in entry),
      ),
    );
    const unnamed = problems.filter(({ code }) => code === "unnamed-requirement");
    assert.deepEqual(
      problems.filter(({ severity }) => severity !== "information"),
      [],
    );
    assert.deepEqual(
      packages,
      expected.filter((entry) => !("unnamed" in entry)),
    );
    assert.deepEqual(
      unnamed.map(({ range }) => range.start.line),
      expected.filter((entry) => "unnamed" in entry).map(({ line }) => line),
    );
  });
}

function read(file: TextFile): Reading {
  if (file.path.endsWith("METADATA")) {
    return readMetadata(file);
  }
  const reader = manifestReaderOf(file.path);
  assert.ok(reader, `no reader for ${file.path}`);
  return reader.needsPython ? reader.read(file, parser) : reader.read(file);
}

function describe(statement: Statement, withLine: boolean): object[] {
  if (statement.kind !== "package") {
    return [];
  }
  const { name, extras, specifiers, url, marker } = statement.requirement;
  return [
    {
      name,
      extras: extras.toSorted(),
      // A wheel's file name fixes its version, which pip keeps apart from the specifier.
      specifiers: formatSpecifiers(specifiers),
      url: url ?? null,
      marker: marker ? formatMarker(marker) : null,
      applies: ENVIRONMENTS.map((values) => (marker ? evaluateMarker(marker, values) : true)),
      allows: PROBES.map((probe) => satisfies(probe, specifiers)),
      group: statement.group ?? null,
      ...(withLine ? { line: statement.line } : {}),
    },
  ];
}

function environment(values: Record<string, string>): Record<string, string> {
  const full = values["python_full_version"] ?? "3.11.7";
  return {
    python_version: full.split(".").slice(0, 2).join("."),
    os_name: "posix",
    platform_machine: "x86_64",
    platform_release: "6.1.0",
    platform_version: "1",
    platform_python_implementation: "CPython",
    implementation_name: "cpython",
    implementation_version: full,
    extra: "",
    ...values,
  };
}
