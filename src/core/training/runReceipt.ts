import { inlineCode } from "../base/markdown.ts";
import { maskSecretValue } from "../base/secretWords.ts";
import { renderShownCommand } from "./commandLine.ts";
import { deviceName } from "./gpuChoice.ts";
import type { RunRecord } from "./runRecord.ts";

/** Something that two runs do not share; a side that lacks it is undefined. */
export type ReceiptDifference = { what: string; left: string | undefined; right: string | undefined };

/** Everything that could explain why two runs came to different results, the most telling first. */
export function compareReceipts(left: RunRecord, right: RunRecord): ReceiptDifference[] {
  const [a, b] = [factsOf(left), factsOf(right)];
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names]
    .map((what) => ({ what, left: a.get(what), right: b.get(what) }))
    .filter((row) => row.left !== row.right)
    .map((row) => ({ ...row, left: shown(row.what, row.left), right: shown(row.what, row.right) }));
}

/** That a secret is another one is said, and not which it is. */
function shown(what: string, value: string | undefined): string | undefined {
  const name = /^(?:argument|variable) (.*)$/s.exec(what)?.[1];
  return name === undefined || value === undefined ? value : maskSecretValue(name, value);
}

/** A table of the differences; a sentence where there are none. */
export function renderReceiptDifferences(
  differences: readonly ReceiptDifference[],
  [left, right]: readonly [string, string],
): string {
  if (differences.length === 0) {
    return "Nothing that is recorded differs: command, commit, configuration, sizes of data files, packages and device.";
  }
  const rows = differences.map((row) => `| ${cell(row.what)} | ${cell(row.left)} | ${cell(row.right)} |`);
  return [`| | ${cell(left)} | ${cell(right)} |`, "|---|---|---|", ...rows].join("\n");
}

/** The same for a dialog: `batch-size: 64 → 32`. */
export function renderReceiptDifferencesText(differences: readonly ReceiptDifference[]): string {
  return differences.map(({ what, left, right }) => `${what}: ${left ?? "none"} → ${right ?? "none"}`).join("\n");
}

function cell(text: string | undefined): string {
  return text === undefined ? "–" : inlineCode(text.replaceAll("|", "¦"));
}

function factsOf({ plan, receipt }: RunRecord): Map<string, string> {
  const facts = new Map<string, string>();
  for (const { flag, value } of plan.arguments) {
    facts.set(`argument ${flag}`, value ?? "on");
  }
  if (plan.arguments.length === 0) {
    facts.set("command", renderShownCommand(plan.command));
  }
  for (const [name, value] of Object.entries(plan.environment)) {
    facts.set(`variable ${name}`, value);
  }
  if (receipt.git !== undefined) {
    facts.set("commit", receipt.git.commit.slice(0, 12));
    facts.set("uncommitted changes", receipt.git.isDirty ? (receipt.git.diffHash ?? "yes") : "none");
  }
  for (const { path, hash, sizeBytes } of receipt.files ?? []) {
    facts.set(`file ${path}`, `${hash}, ${sizeBytes} bytes`);
  }
  for (const { path, hash, sizeBytes } of receipt.data ?? []) {
    facts.set(`data ${path}`, `${hash}, ${sizeBytes} bytes`);
  }
  facts.set("Python", [plan.interpreter.version, plan.interpreter.path].filter(Boolean).join(" "));
  for (const [name, version] of Object.entries(receipt.packages ?? {})) {
    facts.set(`package ${name}`, version);
  }
  facts.set("device", deviceName(plan.device));
  if (receipt.driver !== undefined) {
    facts.set("driver", receipt.driver);
  }
  facts.set("host", `${receipt.host}, ${receipt.platform}`);
  return facts;
}

/** The seed that the arguments set; undefined where none of them is one. */
export function seedOf({ arguments: given }: RunRecord["plan"]): string | undefined {
  return given.find(({ flag }) => /(?:^|[-_.])(?:seed|random[-_]state)$/.test(flag))?.value;
}
