import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { dropSecretWords } from "../base/secretWords.ts";
import { renderCommandLine, type SplitCommandLine, splitCommandLine } from "./commandLine.ts";
import type { PlanRequest } from "./launchPlan.ts";

/*
 * `.trainyard/presets.yaml`, meant to be edited and shared:
 *
 *   quick:
 *     script: train.py
 *     arguments: --epochs 1 --batch-size 8
 *     device: cpu          # or auto, or free; auto where it is missing
 */

/** A launch under a name. */
export type Preset = {
  name: string;
  /** Relative to the workspace folder. */
  script: string;
  arguments: readonly string[];
  device?: "auto" | "cpu" | "free";
};

export type PresetFile = {
  presets: readonly Preset[];
  /** Full sentences, each with its line. */
  problems: readonly string[];
};

/** What follows the prefix of a mention: a word that can be typed in a sentence. */
const NAME = /^[\w][\w.-]{0,60}$/;
const DEVICES = ["auto", "cpu", "free"] as const;

/** Reads what a person wrote; what cannot be meant is a problem and not an error. */
export function parsePresets(text: string): PresetFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const { errors, contents } = document;
  const [broken] = errors;
  if (broken !== undefined) {
    return { presets: [], problems: [`Line ${lines.linePos(broken.pos[0]).line}: ${broken.message}.`] };
  }
  if (contents === null) {
    return { presets: [], problems: [] };
  }
  if (!isMap(contents)) {
    return {
      presets: [],
      problems: ["Line 1: presets are written as names with `script` and `arguments` below them."],
    };
  }
  const read = contents.items.map(({ key, value }) => {
    const at = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
    const plain: unknown = isMap(value) ? value.toJS(document) : undefined;
    return readPreset(isScalar(key) ? String(key.value) : "", plain, lines.linePos(at).line);
  });
  return {
    presets: read.flatMap((one) => (typeof one === "string" ? [] : [one])),
    problems: read.filter((one) => typeof one === "string"),
  };
}

function readPreset(name: string, value: unknown, line: number): Preset | string {
  const where = `Line ${line}: the preset \`${name}\``;
  const problem = presetNameProblem(name);
  if (problem !== undefined) {
    return `Line ${line}: ${problem}`;
  }
  if (typeof value !== "object" || value === null || !("script" in value) || typeof value.script !== "string") {
    return `${where} needs a \`script\`.`;
  }
  const split = readArguments("arguments" in value ? value.arguments : undefined);
  if (split.problem !== undefined) {
    return `${where}: ${split.problem}`;
  }
  const said = "device" in value ? value.device : undefined;
  const device = DEVICES.find((known) => known === said);
  if (said !== undefined && device === undefined) {
    return `${where}: \`device\` is \`auto\`, \`cpu\` or \`free\`.`;
  }
  return { name, script: value.script, arguments: split.words, ...(device === undefined ? {} : { device }) };
}

/** A line of text or a list; what is neither would start a training with the usual values. */
function readArguments(given: unknown): SplitCommandLine {
  if (Array.isArray(given) && given.every((word) => isWord(word) || typeof word === "boolean")) {
    return { words: given.map(String) };
  }
  if (given === undefined || given === null || isWord(given)) {
    return splitCommandLine(String(given ?? ""));
  }
  return { words: [], problem: "`arguments` is one line, such as `--epochs 1 --batch-size 8`, or a list of words." };
}

function isWord(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** Why a name is none for a preset, as a sentence. */
export function presetNameProblem(name: string): string | undefined {
  return NAME.test(name) ? undefined : "The name of a preset is one word of letters, digits, dots and dashes.";
}

/** The text with a preset added or replaced; comments and the order of the others stay. */
export function writePreset(text: string, { name, script, arguments: words, device }: Preset): string {
  const document = parseDocument(text);
  const value = { script, arguments: renderCommandLine(words), ...(device === undefined ? {} : { device }) };
  document.set(name, document.createNode(value));
  return document.toString({ lineWidth: 0 });
}

/** The preset that a sentence starts with or names after the word `preset`, and the rest of the sentence. */
export function takePreset(text: string, presets: readonly Preset[]): { preset?: Preset; rest: string } {
  const found = presets.find(({ name }) => mentionOf(name).test(text));
  return found === undefined
    ? { rest: text }
    : { preset: found, rest: text.replace(mentionOf(found.name), " ").trim() };
}

function mentionOf(name: string): RegExp {
  const word = name.replaceAll(/[.\\-]/g, "\\$&");
  return new RegExp(
    `^\\s*(?:(?:with|use|using)\\s+)?(?:the\\s+)?(?:preset\\s+)?${word}(?=$|\\s)|\\bpreset\\s+${word}(?=$|\\s)`,
    "i",
  );
}

/** What a person could save of a launch, without its secrets, since the file is shared; undefined where it names no script. */
export function presetOf(name: string, { script, arguments: words = [], device }: PlanRequest): Preset | undefined {
  return script === undefined
    ? undefined
    : {
        name,
        script,
        arguments: dropSecretWords(words),
        ...(typeof device === "string" && device !== "auto" ? { device } : {}),
      };
}
