import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from "yaml";
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
  /** Full sentences that begin with their line: `Line 3: …`. */
  problems: readonly string[];
};

/** What follows the prefix of a mention: a word that can be typed in a sentence. */
const NAME = /^[\w][\w.-]{0,60}$/;
const KEYS: ReadonlySet<string> = new Set(["script", "arguments", "device"]);
const DEVICES = ["auto", "cpu", "free"] as const;

/** Reads what a person wrote; what cannot be meant is a problem and not an error, and the other presets stay. */
export function parsePresets(text: string): PresetFile {
  const file = parseBlock(text, 0);
  const blocks = splitBlocks(text);
  if (!file.isBroken || blocks.length < 2) {
    return { presets: file.presets, problems: file.problems };
  }
  // One preset that YAML cannot read spoils the whole document, so each is read alone.
  const read = blocks.map((block) => parseBlock(block.text, block.linesBefore));
  const presets = new Map(read.flatMap((one) => one.presets).map((preset) => [preset.name, preset]));
  const problems = read.flatMap((one) => one.problems);
  // Alone each may be sound where together they are not, as with a name that is written twice.
  return { presets: [...presets.values()], problems: problems.length > 0 ? problems : file.problems };
}

type Block = PresetFile & { isBroken: boolean };

function parseBlock(text: string, linesBefore: number): Block {
  const lines = new LineCounter();
  const lineAt = (offset: number) => lines.linePos(offset).line + linesBefore;
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const { errors, contents } = document;
  const [error] = errors;
  if (error !== undefined) {
    // What is never closed is noticed at the end, and a person looks for it in the last line that says something.
    const at = Math.min(error.pos[0], Math.max(0, text.trimEnd().length - 1));
    const problem = `Line ${lineAt(at)}: ${error.message}.`;
    return { presets: [], problems: [problem], isBroken: true };
  }
  if (contents === null) {
    return { presets: [], problems: [], isBroken: false };
  }
  if (!isMap(contents)) {
    const problem = `Line ${1 + linesBefore}: presets are written as names with \`script\` and \`arguments\` below them.`;
    return { presets: [], problems: [problem], isBroken: false };
  }
  const read = contents.items.map(({ key, value }) => {
    const at = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
    const plain: unknown = isMap(value) ? { ...value.toJS(document), ...writtenArguments(value, document) } : undefined;
    return readPreset(isScalar(key) ? String(key.value) : "", plain, lineAt(at));
  });
  return {
    presets: read.flatMap((one) => (typeof one === "string" ? [] : [one])),
    problems: read.filter((one) => typeof one === "string"),
    isBroken: false,
  };
}

/** The arguments as they are written: YAML would make 1.1 of `1.10` and 7 of `007`. */
function writtenArguments(preset: YAMLMap, document: Document): { arguments?: unknown } {
  const given = resolveAlias(preset.get("arguments", true), document);
  if (isSeq(given)) {
    return { arguments: given.items.map((item) => writtenWord(resolveAlias(item, document))) };
  }
  return isScalar(given) && typeof given.value === "number" ? { arguments: writtenWord(given) } : {};
}

function resolveAlias(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** Undefined for what is no word, such as a list in the list or nothing behind a dash. */
function writtenWord(node: unknown): string | undefined {
  if (!isScalar(node)) {
    return undefined;
  }
  return typeof node.value === "string" ? node.value : node.source || undefined;
}

/** The parts of a file that begin at the start of a line, each with how many lines stand before it. */
function splitBlocks(text: string): { text: string; linesBefore: number }[] {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, at) => (/^[^\s#]/.test(line) ? [at] : []));
  return starts.map((start, at) => ({
    text: `${lines.slice(start, starts[at + 1]).join("\n")}\n`,
    linesBefore: start,
  }));
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
  const strange = Object.keys(value).find((key) => !KEYS.has(key));
  if (strange !== undefined) {
    return `${where}: \`${strange}\` means nothing here. A preset has \`script\`, \`arguments\` and \`device\`.`;
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
  if (Array.isArray(given) && given.every((word) => typeof word === "string")) {
    return { words: given };
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
export function presetOf(
  name: string,
  { script, arguments: words = [], device, command }: PlanRequest,
): Preset | undefined {
  return script === undefined || command !== undefined
    ? undefined
    : {
        name,
        script,
        arguments: dropSecretWords(words),
        ...(typeof device === "string" && device !== "auto" ? { device } : {}),
      };
}
