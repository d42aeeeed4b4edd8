import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEdits } from "../../../src/core/metaflow/edit/applyEdits.ts";
import type { Finding } from "../../../src/core/metaflow/lint/finding.ts";
import { findings, flow } from "../../support/flowFindings.ts";

const END = "def end(self):\n    print(self.x)";

function start(...lines: readonly string[]): string {
  return `def start(self):\n${lines.map((line) => `    ${line}\n`).join("")}    self.next(self.end)`;
}

/** Flows with one mistake each, for which a quick fix is offered. */
const MISTAKEN: Readonly<Record<string, string>> = {
  "static-transitions": flow(["def start(self):\n    self.x = 1", END]),
  "unknown-transitions": flow([start("self.x = 1").replace("self.end)", "self.edn)"), END]),
  "valid-transitions": flow([start("self.x = 1").replace("self.end)", '"end")'), END]),
  "decorator-order": flow([`@step\n@retry(times=2)\n${start("self.x = 1")}`, END]),
  "decorator-attribute": flow([`@retry(tims=2)\n@step\n${start("self.x = 1")}`, END]),
  "decorator-value": flow([`@resources(memory="16GB", cpu=1)\n@step\n${start("self.x = 1")}`, END]),
  "unknown-decorator": flow([`@retri\n@step\n${start("self.x = 1")}`, END]),
  "missing-import": flow([`@timeout(seconds=3)\n@step\n${start("self.x = 1")}`, END]),
  "missing-self": flow([start("self.x = 1", "print(x)"), END]),
  "module-not-imported": flow([start("self.x = np.zeros(3)"), END]),
  "parameter-name": flow([start("self.x = self.lr > 0"), END], ['lr = Parameter("learning rate", default=1)']),
  "parameter-keyword": flow([start("self.x = self.lr > 0"), END], ['lr = Parameter("lr", defualt=1, help="rate")']),
  "unknown-artifact": flow([start("self.score = 1"), END.replace("self.x", "self.scor")]),
  "flow-not-called": flow([start("self.x = 1"), END]).replace(/\n\nif __name__[^]*$/, ""),
};

/** Ways to write the same flow. */
const WRITTEN: Readonly<Record<string, (text: string) => string>> = {
  plainly: (text) => text,
  "with Windows line ends": (text) => text.replaceAll("\n", "\r\n"),
  "with tabs": (text) => text.replaceAll(/^(?: {4})+/gm, (spaces) => "\t".repeat(spaces.length / 4)),
  "with comments": (text) => text.replaceAll(/(?<=\S)$/gm, "  # self.next("),
  "without a last line end": (text) => text.trimEnd(),
  "over several lines": (text) =>
    text.replaceAll(
      /^( *)(self\.next\(|@\w+\(|lr = Parameter\()([^()\n]+)\)$/gm,
      (_, indent, head, list) =>
        `${indent}${head}\n${indent}    ${list.replaceAll(", ", `,\n${indent}    `)},\n${indent})`,
    ),
  "below an if": (text) => text.replace(/class F[^]*/, (rest) => `if True:\n${rest.replaceAll(/^(?=.)/gm, "    ")}`),
};

function isFoundAs(code: string) {
  return (finding: Finding) => finding.code === code;
}

for (const [way, write] of Object.entries(WRITTEN)) {
  test(`a quick fix mends its finding in a flow written ${way}`, () => {
    for (const [code, mistaken] of Object.entries(MISTAKEN)) {
      const text = write(mistaken);
      const before = findings(text);
      const fixes = before.filter(isFoundAs(code)).flatMap((finding) => finding.fixes);
      assert.notEqual(fixes.length, 0, `${code} has no fix in\n${text}`);
      for (const fix of fixes) {
        const fixed = applyEdits(text, fix.edits);
        const after = findings(fixed);
        assert.ok(
          after.filter(isFoundAs(code)).length < before.filter(isFoundAs(code)).length,
          `${fix.title}\n${fixed}`,
        );
        const others = after.filter((each) => !before.some(isFoundAs(each.code)) && each.severity === "error");
        assert.deepEqual(others, [], `${fix.title}\n${fixed}`);
        assert.equal(/\r\n/.test(fixed) && /[^\r]\n/.test(fixed), false, `${fix.title} mixes line ends`);
      }
    }
  });
}
