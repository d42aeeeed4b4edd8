import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { checkMachineLearning } from "../src/core/training/audit/checkMachineLearning.ts";
import { loadPythonParser } from "../src/node/base/pythonParser.ts";

const isListed = process.argv.includes("--list");
const folders = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const parser = await loadPythonParser();
const totals = { files: 0, lines: 0, alarms: 0, serious: 0 };
const byRule = new Map<string, number>();

for (const folder of folders) {
  for (const file of globSync("**/*.py", { cwd: resolve(folder) }).toSorted()) {
    const text = await readFile(join(folder, file), "utf8");
    const { findings } = checkMachineLearning(parser, text);
    totals.files += 1;
    totals.lines += text.split("\n").length;
    for (const { code, severity, range, message } of findings) {
      totals.alarms += 1;
      totals.serious += severity === "information" ? 0 : 1;
      byRule.set(code, (byRule.get(code) ?? 0) + 1);
      if (isListed) {
        console.log(`${join(folder, file)}:${range.start.line + 1}: ${severity}: ${code}: ${message}`);
      }
    }
  }
}

const perThousand = (count: number) => ((count * 1_000) / Math.max(1, totals.lines)).toFixed(2);
console.log(`${totals.files} files, ${totals.lines} lines`);
console.log(`${totals.alarms} alarms, ${perThousand(totals.alarms)} in 1,000 lines`);
console.log(`${totals.serious} of them errors or warnings, ${perThousand(totals.serious)} in 1,000 lines`);
for (const [rule, count] of [...byRule].toSorted((a, b) => b[1] - a[1])) {
  console.log(`  ${rule}: ${count}`);
}
