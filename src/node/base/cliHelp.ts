import { textColumns } from "../../core/base/textColumns.ts";
import type { CliOption, CliVerb } from "./cliVerb.ts";
import { VERB_TEXTS } from "./verbTexts.ts";

/** What `--folder` means to a verb that looks into the workspace. */
export const FOLDER_OPTION: CliOption = {
  type: "string",
  value: "folder",
  help: "the workspace, in whose .trainyard the runs are; by default the nearest in this repository",
};

/** The help of one verb: how it is called, what it does, and a line for each option. */
export function renderVerbHelp(name: string, { usage, summary, options = {}, workspace }: CliVerb): string {
  const shown = { ...options, ...(workspace === undefined ? {} : { folder: FOLDER_OPTION }) };
  const rows = Object.entries(shown).map(([option, about]) => [`  ${spellingOf(option, about)}`, about.help]);
  return [
    `Usage: trainyard ${name}${usage === "" ? "" : ` ${usage}`}`,
    "",
    summary,
    ...(rows.length === 0 ? [] : ["", "Options:", textColumns(rows)]),
    ...(workspace === "starts" ? ["", "The training itself is started in the current folder."] : []),
  ].join("\n");
}

/** The help of the program: how each verb is called, and what it does. */
export function renderHelp(): string {
  const verbs = Object.entries(VERB_TEXTS).map(([name, { usage, summary }]) => `  ${name} ${usage}\n      ${summary}`);
  return [
    "Usage: trainyard <verb> …",
    "",
    ...verbs,
    "  help [<verb>]\n      print this, or the options of a verb, as trainyard <verb> --help does",
    "",
    `Verbs that are about runs or a workspace take --folder <folder>: ${FOLDER_OPTION.help}.`,
  ].join("\n");
}

/** `-f, --follow`, `--jobs <n>`. */
function spellingOf(name: string, { short, value }: CliOption): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` <${value}>`}`;
}
