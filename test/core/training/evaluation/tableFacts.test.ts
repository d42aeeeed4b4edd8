import assert from "node:assert/strict";
import { test } from "node:test";
import { tableFacts } from "../../../../src/core/training/evaluation/tableFacts.ts";
import { profileTable } from "../../../../src/core/training/evaluation/tableProfile.ts";

function factsOf(text: string, isCut = false): Record<string, string> {
  const profile = profileTable(text, { isCut });
  return Object.fromEntries(
    profile === undefined ? [] : tableFacts(profile, { isCut }).map(({ topic, text: said }) => [topic, said]),
  );
}

const churn = (rows: number) =>
  `age,spend,double,city,churn\n${Array.from(
    { length: rows },
    (_row, index) =>
      `${20 + (index % 40)},${index === 7 ? 9_999 : index}.5,${2 * index + 1},"Bonn, ""am Rhein""",${index % 20 === 0 ? 1 : 0}\n`,
  ).join("")}`;

test("a table is told by its columns, its gaps, what lies far out, its groups and what says the same twice", () => {
  const facts = factsOf(churn(100).replace("\n20,", "\nNaN,"));
  assert.equal(
    facts["schema"],
    "100 rows, 5 columns: `age` (whole numbers, 20 to 59), `spend` (numbers, 0.5 to 9999.5), `double` (whole numbers, 1 to 199), `city` (text), `churn` (whole numbers, 0 to 1)",
  );
  assert.equal(facts["missing_values"], "of 100 rows: `age` 1 %");
  assert.match(facts["outliers"] ?? "", /middle half: `spend` 1$/);
  assert.equal(facts["imbalance"], "`churn` is `0` 95 %, `1` 5 % (⚠ imbalanced)");
  assert.match(facts["correlation"] ?? "", /^no two columns/);
  assert.equal(factsOf("a,b\n1,2\n2,4\n3,6\n")["correlation"], "`a` and `b` 1.00");
});

const groupsOf = (name: string, valueOf: (row: number) => number) =>
  factsOf(`${name},other\n${Array.from({ length: 100 }, (_row, at) => `${valueOf(at)},${at}.5\n`).join("")}`)[
    "imbalance"
  ];

test("a class is rare by what it would have if all were as frequent", () => {
  assert.match(groupsOf("churn", (at) => (at % 5 === 0 ? 1 : 0)) ?? "", /`1` 20 % \(⚠ imbalanced\)$/);
  // Ten values of about ten percent each.
  assert.doesNotMatch(groupsOf("calls", (at) => (at < 3 ? 0 : at % 10)) ?? "imbalanced", /imbalanced/);
});

test("the beginning of a table is called that, and its last row, which may be torn, does not count", () => {
  assert.match(factsOf("a;b\r\n1;2\r\n3;4\r\n5", true)["schema"] ?? "", /^the first 2 rows, 2 columns/);
});

test("a text without names of columns is no table", () => {
  assert.deepEqual(factsOf("1,2\n3,4\n"), {});
  assert.deepEqual(factsOf("one line of prose\nand another\n"), {});
  assert.deepEqual(factsOf(""), {});
});
