import { type ArgumentNames, indexArgumentNames } from "../argumentNames.ts";
import { argumentWords, findByFlag, nearestFlag } from "../argumentVector.ts";
import { mismatchOf, type ScriptArguments } from "../scriptArguments.ts";

/** One argument that varies. */
export type SweepAxis = {
  /** As it is shown and recorded: `lr`, `--batch-size` without its dashes. */
  name: string;
  values: readonly string[];
  /** The words that give the argument a value. */
  wordsOf(value: string): readonly string[];
};

/** What a text says about a sweep. */
export type SweepText = {
  axes: readonly SweepAxis[];
  /** The rest: what all runs have in common. */
  rest: string;
  /** Full sentences about what cannot be meant. */
  problems: readonly string[];
};

/** One combination of values. */
export type SweepPoint = { values: Readonly<Record<string, string>>; words: readonly string[] };

/** More are a mistake of the comma, or work for a cluster: each run that waits is a process. */
const MAX_SWEEP_RUNS = 128;

/** What stands in brackets is one value with its commas, also where brackets stand in it: `[64,64]`, `(0.9,0.999)`, `[[1,2],[3]]`. */
const [ROUND, SQUARE, CURLY] = [/\([^()]*\)/, /\[(?:[^[\]]|\[[^[\]]*\])*\]/, /\{[^{}]*\}/].map(({ source }) => source);
const VALUE = String.raw`(?:[^\s,=()[\]{}]|${ROUND}|${SQUARE}|${CURLY})+`;
/** `lr=1e-3,1e-4`, `--batch-size 32, 64`, `seed=1..5`, `width=64..512..64`; one value alone is no axis. */
const AXIS = new RegExp(
  String.raw`(?:^|(?<=[\s,]))(-{0,2}[A-Za-z][\w.-]*)(?:\s*=\s*|\s+)((?:${VALUE},\s*)+${VALUE}|-?\d+\.\.-?\d+(?:\.\.[1-9]\d*)?)(?=\s|$|,\s)`,
  "g",
);
/** A list of GPUs is a device and no axis. */
const NO_AXIS = /^-{0,2}(?:gpus?|cuda)$/i;

/** Reads the grid out of a sentence, with the names that the script declares. */
export function readSweepText(asked: string, script: ScriptArguments): SweepText {
  return readGrid(asGrid(asked), script);
}

/** The same of the words of a command line, where no dot ends a sentence. */
export function readSweepWords(words: readonly string[], script: ScriptArguments): SweepText {
  return readGrid(words.join(" "), script);
}

function readGrid(text: string, script: ScriptArguments): SweepText {
  const names = indexArgumentNames(script.arguments);
  const found = [...text.matchAll(AXIS)].filter(([, name = ""]) => !NO_AXIS.test(name));
  const readings = found.map(([, name = "", list = ""]) => readAxis(name, valuesOf(list), { script, names }));
  const rest = found.reduce((left, [said]) => left.replace(said, " "), text);
  return {
    axes: readings.flatMap((reading) => ("axis" in reading ? [reading.axis] : [])),
    rest: rest.replace(/\s+/g, " ").trim(),
    problems: readings.flatMap((reading) => ("problems" in reading ? reading.problems : [])),
  };
}

const COUNTS: Readonly<Record<string, number>> = { two: 2, three: 3, four: 4, five: 5 };
const SEEDS = /\b([2-9]|[1-9]\d|two|three|four|five) (?:(?:different|random|other) )*seeds\b(?! *=? *\d)/gi;

/**
 * "learning rates 0.1, 0.01 and 0.001." as it would be typed: a name of one word, and commas alone between values; "3
 * seeds" are the first three.
 */
function asGrid(text: string): string {
  return text
    .replace(/[.?!]+\s*$/, "")
    .replace(SEEDS, (_, count: string) => `seed=1..${COUNTS[count.toLowerCase()] ?? count}`)
    .replace(/(?<=\d),? (?:and|or) (?=[\d.][^\s,]*(?:$|,| (?:and|with|for|on)\b))/gi, ", ")
    .replace(/\b(learning|batch|weight) (rates?|sizes?|decays?)\b(?= *=? *[\d.][^\s,]*,)/gi, "$1-$2");
}

/** Every combination; the last axis varies fastest. */
export function gridPoints(axes: readonly SweepAxis[]): SweepPoint[] {
  return axes.reduce<SweepPoint[]>(
    (points, axis) =>
      points.flatMap((point) =>
        axis.values.map((value) => ({
          values: { ...point.values, [axis.name]: value },
          words: [...point.words, ...axis.wordsOf(value)],
        })),
      ),
    [{ values: {}, words: [] }],
  );
}

/** Why a grid is none to run; undefined for a good one. */
export function gridProblem(axes: readonly SweepAxis[]): string | undefined {
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  if (axes.length === 0) {
    return "Nothing varies. Write at least two values for an argument, for example `lr=1e-3,1e-4` or `seed=1..3`.";
  }
  const names = axes.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    return `\`${twice}\` varies twice. Write all its values in one list.`;
  }
  // A list that is too long alone was not read to its end.
  const count = axes.some(({ values }) => values.length > MAX_SWEEP_RUNS) ? "These" : `${size} runs`;
  return size > MAX_SWEEP_RUNS
    ? `${count} are more than a sweep may have, which is ${MAX_SWEEP_RUNS} runs. Write fewer values, or give a range a step: \`seed=1..100..10\`.`
    : undefined;
}

/** `lr=1e-3 batch=32`: how a run of a sweep is called. */
export function pointLabel(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** The same as the name of a folder, `lr-1e-3_batch-32_4`: the place in the grid keeps apart what is written alike. */
export function pointFolder(values: Readonly<Record<string, string>>, index: number): string {
  const label = Object.entries(values)
    .map(([name, value]) => `${name}-${value}`.replace(/[^\w.+-]+/g, "-"))
    .join("_");
  return `${label.slice(0, 120)}_${index}`;
}

/** A range holds both its ends, and counts as in a shell: `1..100..10` is 1, 11, 21, … */
function valuesOf(list: string): string[] {
  const [, from, to, by] = /^(-?\d+)\.\.(-?\d+)(?:\.\.(\d+))?$/.exec(list) ?? [];
  if (from !== undefined && to !== undefined) {
    const [first, last, step] = [Number(from), Number(to), Number(by ?? 1)];
    const count = Math.min(Math.floor(Math.abs(last - first) / step), MAX_SWEEP_RUNS) + 1;
    return Array.from({ length: count }, (_, at) => String(first + (last < first ? -at : at) * step));
  }
  return list.match(new RegExp(VALUE, "g")) ?? [];
}

type Known = { script: ScriptArguments; names: ArgumentNames };

function readAxis(
  said: string,
  values: readonly string[],
  { script, names }: Known,
): { axis: SweepAxis } | { problems: string[] } {
  const twice = values.find((value, at) => values.indexOf(value) !== at);
  if (twice !== undefined) {
    return {
      problems: [`\`${said}\` has the value \`${twice}\` twice. Write it once; to repeat a training, vary its seed.`],
    };
  }
  const candidates = said.startsWith("-")
    ? [findByFlag(said, script)].filter((argument) => argument !== undefined)
    : (names.findAt([said], 0)?.candidates ?? []);
  const [declared, other] = candidates;
  if (declared !== undefined && other !== undefined) {
    return { problems: [`\`${said}\` could mean ${candidates.map(({ flag }) => `\`${flag}\``).join(" or ")}.`] };
  }
  if (declared === undefined) {
    return undeclaredAxis(said, values, script);
  }
  const wrong = values.find((value) => mismatchOf(declared, value) !== undefined);
  return wrong === undefined
    ? { axis: { name: plainName(declared.flag), values, wordsOf: (value) => argumentWords(declared, value) } }
    : { problems: [`\`${declared.flag}\` ${mismatchOf(declared, wrong)}, not \`${wrong}\`.`] };
}

/** So many fit into a sentence. */
const MAX_LISTED = 12;

function listNames({ arguments: declared }: ScriptArguments): string {
  const names = declared.slice(0, MAX_LISTED).map(({ flag }) => plainName(flag));
  return names.length === 0 ? "" : ` It takes ${names.join(", ")}${declared.length > MAX_LISTED ? " and more" : ""}.`;
}

function undeclaredAxis(
  said: string,
  values: readonly string[],
  script: ScriptArguments,
): { axis: SweepAxis } | { problems: string[] } {
  if (script.isComplete) {
    const nearest = nearestFlag(said, script);
    const suggestion = nearest === undefined ? listNames(script) : ` Did you mean \`${nearest}\`?`;
    return { problems: [`\`${said}\` is no argument of this script.${suggestion}`] };
  }
  if (script.dialect === "hydra" || script.dialect === "make") {
    return { axis: { name: said, values, wordsOf: (value) => [`${said}=${value}`] } };
  }
  return said.startsWith("-")
    ? { axis: { name: plainName(said), values, wordsOf: (value) => [said, value] } }
    : {
        problems: [
          `How \`${said}\` is written on the command line could not be read. Write it with its dashes: \`--${said}=${values.slice(0, 3).join(",")}\`.`,
        ],
      };
}

function plainName(flag: string): string {
  return flag.replace(/^-+/, "");
}
