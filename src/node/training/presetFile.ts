import { readFile } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { type Preset, type PresetFile, parsePresets, writePreset } from "../../core/training/presets.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { prepareTrainyardFolder } from "./runLedger.ts";

/** Where the presets of a workspace folder are written. */
export function presetsPath(root: string): string {
  return join(root, ".trainyard", "presets.yaml");
}

/** The presets of a workspace folder, none where there is no file. */
export async function readPresets(root: string): Promise<PresetFile> {
  return parsePresets(await readText(root));
}

/** The presets of a workspace folder, with the problems of the file as sentences that name it, for people who did not ask for it. */
export async function readPresetsAndProblems(root: string): Promise<PresetFile> {
  const { presets, problems } = await readPresets(root);
  const place = relative(root, presetsPath(root)).replaceAll("\\", "/");
  return { presets, problems: problems.map((problem) => problem.replace(/^Line (\d+): /, `\`${place}\` line $1: `)) };
}

/** The preset with this name; refuses with what there is instead. */
export async function requirePreset(root: string, name: string): Promise<Preset> {
  const { presets, problems } = await readPresets(root);
  const found = presets.find((preset) => preset.name === name);
  if (found === undefined) {
    const names = presets.map((preset) => preset.name).join(", ");
    const known = names === "" ? "There are none." : `There are ${names}.`;
    throw new UserError([`There is no preset ${name} in ${presetsPath(root)}.`, known, ...problems].join(" "));
  }
  return found;
}

/** Adds a preset, or replaces the one with its name. Refuses to write over a file that cannot be read as presets. */
export async function savePreset(root: string, preset: Preset): Promise<void> {
  const text = await readText(root);
  const { problems } = parsePresets(text);
  if (problems.length > 0) {
    throw new UserError(`${presetsPath(root)} has to be corrected first: ${problems.join(" ")}`);
  }
  const inside = isAbsolute(preset.script) ? relative(root, preset.script) : preset.script;
  const script = inside.startsWith("..") ? preset.script : inside.replaceAll("\\", "/");
  try {
    await prepareTrainyardFolder(root);
    await writeFileAtomically(presetsPath(root), writePreset(text, { ...preset, script }));
  } catch (error) {
    throw new UserError(`${presetsPath(root)} cannot be written: ${describeFileError(error)}.`, { cause: error });
  }
}

async function readText(root: string): Promise<string> {
  try {
    return await readFile(presetsPath(root), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return "";
    }
    throw new UserError(`${presetsPath(root)} cannot be read: ${describeFileError(error)}.`, { cause: error });
  }
}
