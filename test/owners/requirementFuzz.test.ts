import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { evaluateMarker, formatMarker } from "../../src/core/knowledge/pep/marker.ts";
import { normalizeName } from "../../src/core/knowledge/pep/packageName.ts";
import { parseRequirement, type Requirement } from "../../src/core/knowledge/pep/requirement.ts";
import { formatSpecifiers, satisfies } from "../../src/core/knowledge/pep/specifier.ts";
import { ownersPython } from "./ownersPython.ts";

/** Versions around 1.0, 2.0 and 1!2, in every kind. */
const PROBES = (
  "0 0.9 1.0 1.0.0 1.0.1 1.0a1 1.0rc1 1.0.post1 1.0.post2 1.0.dev1 1.0+local 1.0+cu1 1.0+cu.1 2 2.0 2.0rc1 1!1.9 1!2 1!2.0.1 " +
  "2024.1 1.0.post1.dev2 1.0.post1.dev3 1.0.post0.dev1 1.0a0.dev1 1.0a1.post1 1.0a1.post1.dev1 2.0.dev0"
).split(" ");

const ENVIRONMENTS = [
  environment("3.11.7", { sys_platform: "linux", os_name: "posix", platform_machine: "x86_64", extra: "" }),
  environment("3.8.1", { sys_platform: "win32", os_name: "nt", platform_machine: "AMD64", extra: "test-extra" }),
];

const REQUIREMENTS = 12_000;

type Answer = { text: string } & (
  | { isValid: false }
  | {
      isValid: true;
      name: string;
      extras: readonly string[];
      url: string | null;
      clauses: number;
      specifiers: string;
      marker: string | null;
      /** Null where a comparison is not defined. */
      applies: readonly (boolean | null)[];
      allows: readonly boolean[];
    }
);

test("reads, formats and applies any requirement as packaging does", () => {
  const program = join(import.meta.dirname, "requirementFuzz.py");
  const args = [program, JSON.stringify(ENVIRONMENTS), JSON.stringify(PROBES), String(REQUIREMENTS)];
  const answers: Answer[] = JSON.parse(execFileSync(ownersPython(), args, { encoding: "utf8", maxBuffer: 64_000_000 }));
  assert.ok(answers.filter(({ isValid }) => isValid).length > REQUIREMENTS / 8);
  for (const answer of answers) {
    const parsed = parseRequirement(answer.text);
    assert.equal(parsed.kind === "requirement", answer.isValid, answer.text);
    if (parsed.kind === "requirement" && answer.isValid) {
      compare(parsed.requirement, answer);
    }
  }
});

function compare(
  { name, extras, url, specifiers, marker }: Requirement,
  answer: Extract<Answer, { isValid: true }>,
): void {
  const allows = PROBES.map((probe) => satisfies(probe, specifiers));
  const ours = [name, extras.toSorted(), url ?? null, marker ? formatMarker(marker) : null, allows];
  const theirs = [
    normalizeName(answer.name),
    answer.extras.map(normalizeName).toSorted(),
    answer.url,
    answer.marker,
    answer.allows,
  ];
  assert.deepEqual(ours, theirs, answer.text);
  // packaging keeps one of two clauses that are spelled differently and mean the same.
  if (specifiers.length === answer.clauses) {
    const clauses = [...new Set(answer.specifiers.split(","))].join(",");
    assert.equal(formatSpecifiers(specifiers), clauses, answer.text);
  }
  for (const [index, expected] of answer.applies.entries()) {
    // packaging refuses a marker as soon as one of its comparisons is not defined, whatever the others say.
    if (marker && expected !== null) {
      assert.equal(
        evaluateMarker(marker, ENVIRONMENTS[index] ?? {}),
        expected,
        `${answer.text} in environment ${index}`,
      );
    }
  }
}

function environment(python: string, values: Record<string, string>): Record<string, string> {
  return {
    python_version: python.split(".").slice(0, 2).join("."),
    python_full_version: python,
    implementation_version: python,
    implementation_name: "cpython",
    platform_python_implementation: "CPython",
    platform_release: "6.1.0",
    platform_system: "Linux",
    platform_version: "1",
    ...values,
  };
}
