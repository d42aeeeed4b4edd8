import { groupBy } from "../base/groupBy.ts";
import { rememberBy } from "../base/remember.ts";
import { trainerFolderStep } from "./checkpointName.ts";
import type { CheckpointSummary } from "./checkpointSummary.ts";
import { isMetricName } from "./metricNames.ts";
import { isProvenSeries, isRefutedSeries, type Numbered } from "./seriesProof.ts";

/*
 * A training saves under names that differ in a counter: epoch_1.pt, epoch_2.pt. Others that lie beside each other are no
 * saves of one thing and none replaces another:
 *
 *   G_800.pth  D_800.pth             the parts of a GAN
 *   model_3.pt  optimizer_3.pt       what is saved in files of its own
 *   fold_0.pt  fold_1.pt             the models of a cross validation
 *   step_9_rank_0.pt  …_rank_1.pt    what each process of a training holds
 *   resnet18.pth  resnet50.pth       models that were downloaded
 *   data_0.pt  data_1.pt             what the training reads
 *   2026-01-15/  2026-01-16/         the models that Trainer left at the end of two runs
 *
 * A number without a counter's name may say which model it is: model_1.pt, model_2.pt are saves only where they hold
 * epochs or steps that say so. Even checkpoint_1.pt, checkpoint_2.pt are not where both hold epoch 50, or the
 * second an earlier epoch than the first.
 */

export type SeriesName = {
  /** The name with `#` for what counts the saves: the same for those that may replace each other. */
  pattern: string;
  /** The numbers that count; the same for files that were saved together. */
  numbers: readonly number[];
  /** No word of the name says that its number counts saves. */
  isBare: boolean;
};

/** The words whose number counts saves, surest first: where a name has one of the first, other numbers say which model it is. */
const COUNTERS = [/^(?:global)?(?:ep|epoch|step|iter|itr|iteration)$/i, /^(?:ckpt|cp|checkpoint|save)$/i];
/** What a number may be attached to that may count saves; in any other word it belongs to the word, as in `resnet18`. */
const BARE = /^(?:|e|it|model|net|weights|state|snapshot|ema|opt)$/i;
/** A number after one of these says which model it is, how it was trained, or that it is none; not when it was saved. */
const distinguishingWords = new Set(
  (
    "fold folds cv split seed rank ranks size member expert ensemble stage phase task client worker gpu device node part " +
    "shard trial run exp experiment version v lr wd bs dim hidden layer layers depth width heads dropout alpha beta gamma " +
    "data sample samples graph feature features embedding embeddings latent latents chunk image img example item doc frame " +
    "agent actor critic player class subject patient domain site sigma noise scale r k epochs steps iters iterations of"
  ).split(" "),
);
const wordPattern = /\d+e[-+]\d+(?![a-z0-9])|[a-z0-9]+(?:(?<=\d)\.\d+(?:e[-+]?\d+)?)?/gi;
const numberedPattern = /^([a-z]*?)(\d+(?:\.\d+)?(?:e[-+]?\d+)?)(k?)$/i;
/** ESPnet names a save so. Further back it is how long a model was trained: `resnet50_300epoch`. */
const leadingCount = /^(\d+)(?:ep|epoch|step|iter)$/i;
/** As the documentation of Keras names them, and with `-` its users: the epoch and the loss. */
const kerasPattern =
  /^((?:weights|model)\.|(?:weights|model|checkpoint|cp)(?:-improvement)?-)(\d+)-(\d+\.\d+)((?:\.weights)?\.(?:h5|hdf5|keras))$/;
/** fairseq saves so within an epoch: the epoch and the updates. */
const fairseqPattern = /^checkpoint_(\d+)_(\d+)\.pt$/;
/** The longest name of a file on any common system. */
const MAX_NAME = 255;

type Word = { text: string; at: number; letters: string; number?: string; value: number; subject: string };

/** What of a name says which save it is, and what says of what. */
export function parseSeriesName(name: string): SeriesName {
  const short = name.slice(0, MAX_NAME);
  const [, head = "", epoch, , tail = ""] = kerasPattern.exec(short) ?? [];
  if (epoch !== undefined) {
    // `model-2-0.5.h5` may as well be the second model: it holds the steps of its epoch, or is left alone.
    return { pattern: `${head}#-#${tail}`, numbers: [Number(epoch)], isBare: !head.endsWith(".") };
  }
  const [, fairseqEpoch, updates] = fairseqPattern.exec(short) ?? [];
  if (updates !== undefined) {
    return { pattern: "checkpoint_#_#.pt", numbers: [Number(updates), Number(fairseqEpoch)], isBare: true };
  }
  const words = wordsOf(short);
  const [surest, others] = COUNTERS.map((counter) => words.filter((word) => isCounted(word, counter)));
  // Of `ckpt_16_3` either number may be the count: it is looked at like one without a counter's name.
  const named = [surest ?? [], isFollowedByNumber(words, others?.at(-1)) ? [] : (others ?? [])];
  const counted = named.find((found) => found.length > 0) ?? words.filter(mayCount).slice(-1);
  const [first] = counted;
  if (first === undefined) {
    return { pattern: name, numbers: [], isBare: false };
  }
  const blanked = words.filter((word) => counted.includes(word) || isMetric(word, word.at > first.at));
  let pattern = "";
  let end = 0;
  for (const { text, at, number = text } of blanked) {
    pattern += short.slice(end, at) + text.replace(number, "#");
    end = at + text.length;
  }
  // A metric may be negative.
  return {
    pattern: (pattern + short.slice(end)).replaceAll("=-#", "=#"),
    numbers: counted.map(({ value }) => value),
    isBare: named.every((found) => found.length === 0),
  };
}

/** The same of a checkpoint; a plan for a thousand asks it many times of each. */
export const seriesNameOf = rememberBy(({ name }: Pick<CheckpointSummary, "name">) => parseSeriesName(name));

/** The number that Keras puts behind the epoch, mostly the loss, without a word that says what it is. */
export function unnamedNumber(name: string): number | undefined {
  const value = kerasPattern.exec(name.slice(0, MAX_NAME))?.[3];
  return value === undefined ? undefined : Number(value);
}

function wordsOf(name: string): Word[] {
  let before = "";
  return [...name.matchAll(wordPattern)].map(({ 0: text, index: at }) => {
    const leading = at === 0 ? leadingCount.exec(text)?.[1] : undefined;
    const [, letters = "", number = leading, thousand] = numberedPattern.exec(text) ?? [];
    const subject = leading !== undefined ? "epoch" : letters === "" ? before : letters;
    before = text;
    const value = Number(number) * (thousand ? 1000 : 1);
    return { text, at, letters, value, subject, ...(number !== undefined && { number }) };
  });
}

function isCounted({ number, subject }: Word, counter: RegExp): boolean {
  return number !== undefined && counter.test(subject);
}

function isFollowedByNumber(words: readonly Word[], word: Word | undefined): boolean {
  const next = word && words[words.indexOf(word) + 1];
  return next !== undefined && /^\d+$/.test(next.text) && mayCount(next);
}

function mayCount({ number, letters, subject }: Word): boolean {
  const isWhole = number !== undefined && /^\d+$/.test(number);
  const isOther = letters === "" && (distinguishingWords.has(subject.toLowerCase()) || /^v\d+$/i.test(subject));
  return isWhole && BARE.test(letters) && !isOther && !isMetricName(subject);
}

/** A whole number may say which loss it was, but not behind what counts. */
function isMetric({ text, letters, number, subject }: Word, isBehind: boolean): boolean {
  const isValue = number === undefined ? /^(?:nan|inf)$/i.test(text) : number.includes(".") || /e[-+]/.test(number);
  const isWhole = number !== undefined && letters === "" && isBehind;
  return (isValue || isWhole) && isMetricName(subject);
}

type Named = {
  modifiedMs: number;
  summary: Pick<CheckpointSummary, "name" | "kind" | "format" | "completeness" | "step" | "epoch">;
};

/**
 * The checkpoints of one run by what they are saves of; what is not certainly one of several saves is each for itself.
 * `areSaves`: who knows it says that numbers count saves.
 */
export function seriesOf<Entry extends Named>(run: readonly Entry[], areSaves = false): Entry[][] {
  const groups = groupBy(run, ({ summary }) => {
    const { name, format } = summary;
    const isFinal = format === "trainer-folder" && trainerFolderStep(name) === undefined;
    return isFinal || format === "gguf" ? name : seriesNameOf(summary).pattern;
  });
  return [...groups.values()].flatMap((group) => (isSeries(group, areSaves) ? [group] : group.map((entry) => [entry])));
}

function isSeries(group: readonly Named[], areSaves: boolean): boolean {
  const names = group.map(({ summary }) => seriesNameOf(summary));
  // Two with the same count differ in something else, such as two runs whose names hold their loss.
  const isUnique = new Set(names.map(({ numbers }) => JSON.stringify(numbers))).size === group.length;
  // Frameworks number the folders that they save themselves.
  const isFolder = group.every(({ summary }) => summary.kind === "folder");
  const whole = numbered(group);
  return (
    isUnique &&
    (areSaves || (names.some(({ isBare }) => isBare) ? isProvenSeries(whole) : isFolder || !isRefutedSeries(whole)))
  );
}

function numbered(group: readonly Named[]): Numbered[] {
  return group
    .filter(({ summary }) => summary.completeness.state === "whole")
    .map(({ modifiedMs, summary }) => ({
      modifiedMs,
      summary,
      number: seriesNameOf(summary).numbers[0] ?? Number.NaN,
    }))
    .toSorted((a, b) => a.number - b.number);
}
