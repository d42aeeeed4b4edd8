import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MarkerJudge } from "../../../src/core/knowledge/markerJudge.ts";
import { parseMarker } from "../../../src/core/knowledge/pep/marker.ts";
import { areDisjoint, parseSpecifiers } from "../../../src/core/knowledge/pep/specifier.ts";
import { runPython } from "../../support/python.ts";

/* packaging evaluates each marker on hundreds of Pythons that a range allows, and tries versions on each pair of specifiers. */

const RANGES = [
  ">=3.10",
  ">=3.8,<3.13",
  "<3.9",
  "~=3.11.2",
  "==3.12.*",
  ">=3.10.4",
  "!=3.11.*,>=3.10",
  ">3.10.0,<=3.11",
];

const MARKERS = [
  'python_version < "3.9"',
  'python_version >= "3.8"',
  'python_version == "3.11"',
  'python_version != "3.12"',
  'python_version ~= "3.10"',
  'python_version <= "3.10"',
  'python_version > "3.11"',
  '"3.10" <= python_version',
  'python_version in "3.9, 3.10"',
  'python_version not in "3.9, 3.10"',
  'python_full_version < "3.10.4"',
  'python_full_version >= "3.11.3"',
  'python_full_version == "3.12.1"',
  'python_full_version != "3.11.*"',
  'python_version < "3.10" or python_version >= "3.10"',
  'python_version < "3.9" and python_version >= "3.11"',
  'python_full_version > "3.10.2" and (python_version < "3.12" or python_version > "3.13")',
  'sys_platform == "win32" and python_version < "3.9"',
];

const CLAUSES = (
  "==2.1 ==2.4 ==2.4.* >=2.4 >2.4 <2.4 <=2.4 ~=2.4 ~=2.4.1 !=2.4 !=2.4.* <2 >=2,<3 >=2.4rc1 <2.4rc1 ==2.4+cpu ==2.4.0 " +
  ">=2.4,!=2.4.* >=2.4,!=2.4.*,<2.5 <2.4.post1 ==2.4.post1 >=1!1 <1!1 >=0 <0.0.1 ==2.4rc1 >2.4,<2.4.1"
).split(" ");

const PAIRS = CLAUSES.flatMap((one) => CLAUSES.map((other): [string, string] => [one, other]));

const PROBES = [0, 1, 2, 3].flatMap((major) =>
  [0, 1, 3, 4, 5, 6].flatMap((minor) =>
    ["", ".0.0.1", ".0.1", ".1", ".2", "rc1", "a1", ".post1", "+cpu", ".dev1"].map((end) => `${major}.${minor}${end}`),
  ),
);

const cases = {
  markers: RANGES.flatMap((range) => MARKERS.map((marker): [string, string] => [range, marker])),
  pairs: PAIRS,
  probes: [...PROBES, "1!0", "1!1", "1!1.1"],
};
const oracle = await runPython([join(import.meta.dirname, "specifierOwners.py"), JSON.stringify(cases)], {
  cwd: import.meta.dirname,
});
const answers: { markers: boolean[][]; pairs: boolean[] } = JSON.parse(oracle.stdout || '{"markers":[],"pairs":[]}');

test("a marker counts under a range of Pythons where packaging says so of each of them", () => {
  assert.equal(answers.markers.length, cases.markers.length, oracle.stderr.slice(-2000));
  for (const [index, [range, written]] of cases.markers.entries()) {
    const marker = parseMarker(written);
    assert.ok(marker, written);
    const reading = {
      statements: [{ kind: "python", standing: "declared", value: range, line: 0 } as const],
      problems: [],
    };
    const judge = new MarkerJudge({
      readings: new Map([["pyproject.toml", reading]]),
      layout: { folders: [], files: [], eventFolders: [], checkpointFolders: new Map() },
      settings: {},
      machine: { sys_platform: "linux", extra: "" },
    });
    const expected = answers.markers[index] ?? [];
    assert.equal(
      judge.holds(marker, "requirements.txt"),
      expected.length === 1 ? expected[0] : undefined,
      `${range}: ${written}`,
    );
  }
});

test("two specifiers are disjoint where no version pleases both", () => {
  assert.equal(answers.pairs.length, PAIRS.length);
  for (const [index, [one, other]] of PAIRS.entries()) {
    const [a, b] = [parseSpecifiers(one), parseSpecifiers(other)];
    assert.ok(a && b);
    assert.equal(areDisjoint(a, b), answers.pairs[index] === false, `${one} and ${other}`);
  }
});
