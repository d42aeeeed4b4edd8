import { escapeMarkdown, escapeSentence, fencedBlock, inlineCode } from "../../base/markdown.ts";
import { maskSecretValue } from "../../base/secretWords.ts";
import type { LaunchPlan } from "../launchPlan.ts";
import { choiceRow, planDigest, renderPlanCommand } from "../renderPlan.ts";
import type { RunWait } from "../runWait.ts";

/** Runs that differ in the values of some arguments, as they would be queued. */
export type SweepPlan = {
  /** Like the id of a run. */
  id: string;
  title: string;
  script: string;
  /** What else could have been meant, where nobody named the script; relative to the workspace folder. */
  others?: readonly string[];
  /** What each run waits for; so many go on at once. */
  wait: RunWait;
  runs: readonly { values: Readonly<Record<string, string>>; plan: LaunchPlan }[];
};

/** What a person reads in the chat before they agree: every command, and what the runs have in common. */
export function renderSweepMarkdown(sweep: SweepPlan): string {
  const commands = commandsOf(sweep).join("\n");
  return [
    `**Sweep ${inlineCode(sweep.title)}: ${sweep.runs.length} runs** · ${renderValues(sweep)}`,
    "",
    fencedBlock(commands, "sh"),
    "",
    ...rowsOf(sweep).map(([name, text]) => `- **${name}** ${escapeSentence(text)}`),
    ...sweepWarnings(sweep).flatMap((warning) => ["", `> ⚠️ ${escapeSentence(warning)}`]),
  ].join("\n");
}

/** What the runs differ in, which stands far to the right in their commands: `lr` 1e-3, 1e-4 · `batch` 32, 64. */
function renderValues({ runs }: SweepPlan): string {
  const names = [...new Set(runs.flatMap(({ values }) => Object.keys(values)))];
  return names
    .map((name) => {
      const values = new Set(runs.flatMap(({ values: { [name]: value } }) => (value === undefined ? [] : [value])));
      return `${inlineCode(name)} ${[...values].map((value) => escapeMarkdown(maskSecretValue(name, value))).join(", ")}`;
    })
    .join(" · ");
}

/** The same for dialogs and terminals. */
export function renderSweepText(sweep: SweepPlan): string {
  const rows = rowsOf(sweep).map(([name, text]) => `${name}: ${text.replaceAll("`", "")}`);
  const warnings = sweepWarnings(sweep).map((warning) => `Warning: ${warning.replaceAll("`", "")}`);
  return [...commandsOf(sweep), "", ...rows, ...(warnings.length > 0 ? ["", ...warnings] : [])].join("\n");
}

/** Changes when other commands would run, in another place or on another kind of device. */
export function sweepDigest({ runs, wait }: SweepPlan): string {
  return JSON.stringify([wait, runs.map(({ plan }) => planDigest(plan))]);
}

/** Everything that the plans warn of, each once. */
export function sweepWarnings(sweep: SweepPlan): string[] {
  return [...new Set(sweep.runs.flatMap(({ plan }) => plan.warnings)), ...folderWarnings(sweep)];
}

/** Runs that go on at once spoil each other's checkpoints where they share a folder, or may do so. */
function folderWarnings({ runs }: SweepPlan): string[] {
  const folders = runs.map(({ plan }) => plan.checkpointFolder?.path);
  const shared = [...new Set(folders)].filter((folder) => folders.indexOf(folder) !== folders.lastIndexOf(folder));
  return [
    ...shared.flatMap((folder) => (folder === undefined ? [] : [sharedFolder(folder, folders)])),
    ...(runs.length > 1 && folders.includes(undefined)
      ? [
          "It is not known where the runs write their checkpoints. All of them may write to the same folder and overwrite each other's.",
        ]
      : []),
  ];
}

function sharedFolder(folder: string, folders: readonly (string | undefined)[]): string {
  const count = folders.filter((each) => each === folder).length;
  return count === folders.length
    ? `All runs write their checkpoints to \`${folder}\`, since no argument of the script gives each its own. They may overwrite each other's.`
    : `${count} runs write their checkpoints to \`${folder}\`. They may overwrite each other's.`;
}

function commandsOf({ runs }: SweepPlan): string[] {
  return runs.map(({ plan }) => renderPlanCommand(plan));
}

function rowsOf({ runs, wait, others = [] }: SweepPlan): [string, string][] {
  const plan = runs[0]?.plan;
  const python = [plan?.interpreter.version, plan?.interpreter.reason].filter((part) => part !== undefined).join(" · ");
  const cpu = wait.cpuSlots === 1 ? "one after the other" : `${wait.cpuSlots} at once`;
  return [
    ["Python", python],
    ...choiceRow({ others }, (path) => `\`${path}\``),
    ["Device", wait.gpus === undefined ? `CPU · ${plan?.device.reason ?? ""}` : gpusText(wait.gpus)],
    ["At once", wait.gpus === undefined ? cpu : "as many as there are free GPUs; the others wait"],
  ];
}

function gpusText(count: number): string {
  return count === 1 ? "each on a GPU that nobody uses" : `each on ${count} GPUs that nobody uses`;
}
