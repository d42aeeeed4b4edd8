import { escapeSentence, fencedBlock, inlineCode } from "../../base/markdown.ts";
import type { LaunchPlan } from "../launchPlan.ts";
import { planDigest, renderPlanCommand } from "../renderPlan.ts";
import type { RunWait } from "../runWait.ts";

/** Runs that differ in the values of some arguments, as they would be queued. */
export type SweepPlan = {
  /** Like the id of a run. */
  id: string;
  title: string;
  script: string;
  /** What each run waits for; so many go on at once. */
  wait: RunWait;
  runs: readonly { values: Readonly<Record<string, string>>; plan: LaunchPlan }[];
};

/** What a person reads in the chat before they agree: every command, and what the runs have in common. */
export function renderSweepMarkdown(sweep: SweepPlan): string {
  const commands = commandsOf(sweep).join("\n");
  return [
    `**Sweep ${inlineCode(sweep.title)}: ${sweep.runs.length} runs**`,
    "",
    fencedBlock(commands, "sh"),
    "",
    ...rowsOf(sweep).map(([name, text]) => `- **${name}** ${escapeSentence(text)}`),
    ...sweepWarnings(sweep).flatMap((warning) => ["", `> ⚠️ ${escapeSentence(warning)}`]),
  ].join("\n");
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
export function sweepWarnings({ runs }: SweepPlan): string[] {
  const folders = runs.map(({ plan }) => plan.checkpointFolder?.path);
  const [shared] = folders;
  const isShared = shared !== undefined && folders.every((folder) => folder === shared);
  return [
    ...new Set(runs.flatMap(({ plan }) => plan.warnings)),
    ...(isShared
      ? [
          `All runs write their checkpoints to \`${shared}\`, since no argument of the script names the folder. They may overwrite each other's.`,
        ]
      : []),
  ];
}

function commandsOf({ runs }: SweepPlan): string[] {
  return runs.map(({ plan }) => renderPlanCommand(plan));
}

function rowsOf({ runs, wait }: SweepPlan): [string, string][] {
  const plan = runs[0]?.plan;
  const python = [plan?.interpreter.version, plan?.interpreter.reason].filter((part) => part !== undefined).join(" · ");
  const cpu = wait.cpuSlots === 1 ? "one after the other" : `${wait.cpuSlots} at once`;
  return [
    ["Python", python],
    ["Device", wait.gpus === undefined ? `CPU · ${plan?.device.reason ?? ""}` : "each on a GPU that nobody uses"],
    ["At once", wait.gpus === undefined ? cpu : "as many as there are free GPUs; the others wait"],
  ];
}
