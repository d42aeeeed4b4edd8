import { escapeSentence, fencedBlock, inlineCode } from "../base/markdown.ts";
import { maskSecretValue } from "../base/secretWords.ts";
import { textHash } from "../base/textHash.ts";
import { isWindowsPath, renderShownCommand } from "./commandLine.ts";
import { deviceName, gibibytes } from "./gpuChoice.ts";
import type { LaunchPlan } from "./launchPlan.ts";

/** What a person reads in chat before they agree. */
export function renderPlanMarkdown(plan: LaunchPlan, workspaceFolder: string): string {
  const verb = plan.kind === "flow" ? "Run" : "Train";
  const rows = planRows(plan, workspaceFolder, MARKDOWN).map(([name, text]) => `- **${name}** ${text}`);
  return [
    `**${verb} ${inlineCode(relativeTo(workspaceFolder, plan.script))}**`,
    "",
    fencedBlock(renderPlanCommand(plan), "sh"),
    "",
    ...rows,
    ...plan.warnings.flatMap((warning) => ["", `> ⚠️ ${escapeSentence(warning)}`]),
    "",
  ].join("\n");
}

/** Every argument that a script takes with the value it would have, for choosing what to change. */
export function renderArgumentList({ arguments: known }: LaunchPlan): string {
  const lines = known.map(({ flag, value, help }) => {
    const assigned = value === undefined ? flag : renderShownCommand([flag, value]);
    return `- ${MARKDOWN.mark(assigned)}${help === undefined ? "" : ` ${escapeSentence(help)}`}`;
  });
  return lines.length === 0 ? "" : ["**Arguments**", "", ...lines].join("\n");
}

/** The same for dialogs and terminals, which show no Markdown. */
export function renderPlanText(plan: LaunchPlan, workspaceFolder: string): string {
  const rows = planRows(plan, workspaceFolder, PLAIN).map(([name, text]) => `${name}: ${text}`);
  const warnings = plan.warnings.map((warning) => `Warning: ${warning.replaceAll("`", "")}`);
  return [
    renderPlanCommand(plan),
    "",
    ...rows.map((row) => row.replaceAll("`", "")),
    ...(warnings.length > 0 ? ["", ...warnings] : []),
  ].join("\n");
}

/** The command as a person would type it in the folder of the plan, without the values of secrets. */
export function renderPlanCommand(plan: LaunchPlan): string {
  const [interpreter = "", ...words] = plan.command;
  const line = renderShownCommand([relativeTo(plan.cwd, interpreter), ...words]);
  // PowerShell takes a quoted word at the beginning for a text and not for a program.
  return /^["']/.test(line) && isWindowsPath(plan.cwd) ? `& ${line}` : line;
}

/**
 * A short text that changes when something else would run: another command, folder, variable or device. What
 * merely describes (free memory, reasons, warnings) does not count.
 */
export function planDigest(plan: LaunchPlan): string {
  const gpus = plan.device.kind === "cuda" ? plan.device.gpus.map((gpu) => gpu.uuid) : [];
  const environment = Object.entries(plan.environment).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return textHash(JSON.stringify([plan.kind, plan.command, plan.cwd, environment, plan.device.kind, gpus]));
}

type Row = readonly [name: string, text: string];

/** How the parts of a row are drawn: names as code, sentences with what they quote. */
type Drawing = { mark: (text: string) => string; say: (sentence: string) => string };

const MARKDOWN: Drawing = {
  // A person agrees to what is shown, so a long name is shown whole.
  mark: (text) => inlineCode(text, Number.POSITIVE_INFINITY),
  say: (sentence) => escapeSentence(sentence),
};
const PLAIN: Drawing = { mark: (text) => text, say: (sentence) => sentence };

function planRows(plan: LaunchPlan, workspaceFolder: string, { mark, say }: Drawing): Row[] {
  const place = (path: string) => mark(relativeTo(workspaceFolder, path));
  // A folder that merely exists may be another script's.
  const folderRow = (name: string, folder: LaunchPlan["checkpointFolder"]): Row[] =>
    folder && folder.isGuessed !== true ? [[name, `${place(folder.path)} · ${say(folder.reason)}`]] : [];
  const changed = plan.arguments.filter(
    (argument) => argument.source !== "default" && argument.value !== argument.default,
  );
  const environment = Object.entries(plan.environment);
  return [
    [
      "Python",
      say([plan.interpreter.version, plan.interpreter.reason].filter((part) => part !== undefined).join(" · ")),
    ],
    ...choiceRow(plan, mark),
    ["Folder", plan.cwd === workspaceFolder ? `${mark(lastPart(plan.cwd))} (workspace folder)` : place(plan.cwd)],
    ["Device", say(deviceText(plan.device))],
    ...(plan.memory === undefined
      ? []
      : [["Memory", say(`at least ${gibibytes(plan.memory.neededMiB)} · ${plan.memory.basis}`)] as const]),
    ...folderRow("Checkpoints", plan.checkpointFolder),
    ...folderRow("Logs", plan.logFolder),
    ...(changed.length > 0
      ? [["Changed", changed.map((argument) => changeText(argument, plan, mark)).join(", ")] as const]
      : []),
    ...(environment.length > 0
      ? [
          [
            "Environment",
            environment.map(([name, value]) => mark(`${name}=${shortened(maskSecretValue(name, value))}`)).join(" "),
          ] as const,
        ]
      : []),
  ];
}

/** More than these are a list to choose from, not a row. */
const MAX_OTHERS = 3;

/** The scripts that the one of a plan was chosen before, where nobody named it. */
export function choiceRow(
  { kind, others = [] }: { kind?: LaunchPlan["kind"]; others?: readonly string[] | undefined },
  mark: Drawing["mark"],
): [name: string, text: string][] {
  if (others.length === 0) {
    return [];
  }
  const more = others.length > MAX_OTHERS ? ` and ${others.length - MAX_OTHERS} more` : "";
  const listed = others.slice(0, MAX_OTHERS).map(mark).join(", ");
  return [["Chosen", `before ${listed}${more}; name another to ${kind === "flow" ? "run" : "train"} it`]];
}

function deviceText(device: LaunchPlan["device"]): string {
  if (device.kind !== "cuda") {
    return `${deviceName(device)} · ${device.reason}`;
  }
  if (device.gpus.length === 0) {
    return `GPU · ${device.reason}`;
  }
  const gpus = device.gpus.map((gpu) => {
    const total = gpu.totalMiB === undefined ? "" : ` of ${gibibytes(gpu.totalMiB)}`;
    const free = gpu.freeMiB === undefined ? "" : `, ${gibibytes(gpu.freeMiB)}${total} free`.replace(" GiB of", " of");
    return `GPU ${gpu.index} (${gpu.name}${free})`;
  });
  return `${gpus.join(", ")} · ${device.reason}`;
}

function changeText(
  { flag, value, ...argument }: LaunchPlan["arguments"][number],
  plan: LaunchPlan,
  mark: (text: string) => string,
): string {
  const assigned = `${flag}=${value}`;
  const words = plan.command.includes(assigned) ? [assigned] : [flag, value].filter((word) => word !== undefined);
  const written = mark(renderShownCommand(words));
  const notes = [
    argument.default === undefined || value === undefined ? undefined : `default ${mark(argument.default)}`,
    argument.source === "planned" ? "added by Trainyard" : undefined,
  ].filter((note) => note !== undefined);
  return notes.length > 0 ? `${written} (${notes.join(", ")})` : written;
}

/** A path as people call it: relative where it lies inside, `.` for the folder itself. */
function relativeTo(folder: string, path: string): string {
  const separator = folder.includes("\\") ? "\\" : "/";
  if (path === folder) {
    return ".";
  }
  return path.startsWith(folder + separator) ? path.slice(folder.length + 1) : path;
}

function lastPart(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** The first block of a UUID tells GPUs of one machine apart. */
function shortened(value: string): string {
  return value === "" ? '""' : value.replace(/\b((?:GPU|MIG)-[0-9a-f]{8})-[0-9a-f-]+/g, "$1…");
}
