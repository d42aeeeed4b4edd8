import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { ArgumentText } from "../../core/training/argumentReader.ts";
import { refusalBefore } from "../../core/training/argumentRefusal.ts";
import { parseArgumentText } from "../../core/training/argumentText.ts";
import { splitWords } from "../../core/training/argumentWords.ts";
import type { PlanRequest } from "../../core/training/launchPlan.ts";
import { isNameOf } from "../../core/training/namedScript.ts";
import { takePreset } from "../../core/training/presets.ts";
import { NO_ARGUMENTS } from "../../core/training/scriptArguments.ts";
import { type PlanContext, readScript } from "./planLaunch.ts";
import { readPresetsAndProblems } from "./presetFile.ts";
import { quoteScriptPath } from "./quoteScriptPath.ts";

/** A request that a person put into words, with what was not understood. */
export type SpokenRequest = Pick<ArgumentText, "unknown" | "problems"> & {
  request: PlanRequest;
  /** Sentences about presets that cannot be read, one of which may be meant. */
  presetProblems: readonly string[];
};

/**
 * Turns "train.py with lr 3e-4 on cpu" into a request for `planLaunch`, in the light of what the script declares.
 * `fallbackScript` is taken where the text names none. Throws UserError where the script cannot be found.
 */
export async function planRequestFromText(
  text: string,
  context: PlanContext,
  fallbackScript?: () => Promise<string | undefined>,
): Promise<SpokenRequest> {
  const { presets, problems: presetProblems } = await readPresetsAndProblems(context.workspaceFolder);
  const { preset, rest: spoken } = takePreset(text, presets);
  const rest = await quoteScriptPath(spoken, context.workspaceFolder);
  const named = parseArgumentText(rest, NO_ARGUMENTS).script ?? fileThatIsNoScript(rest);
  const script = await readScript(named ?? preset?.script ?? (await fallbackScript?.()), context);
  const said = parseArgumentText(rest, script.arguments);
  const device = said.device ?? preset?.device;
  const unknown = said.unknown.filter(
    (part) => !isNameOf(part, [basename(script.path), basename(context.workspaceFolder)]),
  );
  return {
    request: {
      script: relative(context.workspaceFolder, script.path),
      // What is said last wins, for argparse as for Hydra.
      arguments: [...(preset?.arguments ?? []), ...said.arguments],
      ...(device === undefined ? {} : { device }),
    },
    unknown,
    problems: [
      ...said.problems,
      ...(goesOn(rest, said.arguments) ? [NO_RESUMPTION] : []),
      ...unknown.flatMap((part) => otherScript(part, context.workspaceFolder)),
    ],
    presetProblems,
  };
}

const NO_SCRIPT = /^(?!-)[^=]*[\w\])]\.(?:ipynb|sh)$/i;

/** A notebook or a shell script that is named for a script: planning another one would not be what was asked for. */
function fileThatIsNoScript(text: string): string | undefined {
  const words = splitWords(text);
  const at = words.findIndex(
    ({ text: word }, place) => NO_SCRIPT.test(word) && !(words[place - 1]?.text ?? "").startsWith("-"),
  );
  return at < 0 || refusalBefore(words, at) !== undefined ? undefined : words[at]?.text;
}

/** What was left out may be the name of another script than the one that was chosen, which nobody wants to start then. */
function otherScript(part: string, folder: string): string[] {
  return /^[\w-]+$/.test(part) && existsSync(join(folder, `${part}.py`))
    ? [`If \`${part}\` is the script to run, write \`${part}.py\`.`]
    : [];
}

const NO_RESUMPTION =
  "This starts anew and may replace the checkpoints that are there. Ask with `/resume` to go on from the newest whole one.";

const GOES_ON = /^-*resume\b|^(?:continue|carry on|go on|pick up)\b.*\b(?:from|where|checkpoint|epoch)\b/i;

/** Whether a sentence asks to go on from a checkpoint, which no argument of the script was understood to do. */
function goesOn(text: string, given: readonly string[]): boolean {
  const words = splitWords(text);
  const spoken = words.map((word) => (word.isQuoted ? "" : word.text));
  return (
    words.some((_, at) => GOES_ON.test(spoken.slice(at).join(" ")) && refusalBefore(words, at) === undefined) &&
    !given.some((word) => /resume|continue|restore|checkpoint|ckpt/i.test(word))
  );
}
