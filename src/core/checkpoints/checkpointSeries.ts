import { groupBy } from "../base/groupBy.ts";
import { trainerFolderStep } from "./checkpointName.ts";
import type { CheckpointSummary } from "./checkpointSummary.ts";
import { isMetricName } from "./metricNames.ts";

/*
 * A training saves under names that differ in a number: epoch_1.pt, epoch_2.pt. Others that lie beside each other are no
 * saves of one thing and none replaces another:
 *
 *   G_800.pth  D_800.pth             the parts of a GAN
 *   model_3.pt  optimizer_3.pt       what is saved in files of its own
 *   fold_0.pt  fold_1.pt             the models of a cross validation
 *   step_9_rank_0.pt  …_rank_1.pt    what each process of a training holds
 *   resnet18.pth  resnet50.pth       models that were downloaded
 *   data_0.pt  data_1.pt             what the training reads
 *   2026-01-15/  2026-01-16/         the models that Trainer left at the end of two runs
 */

export type SeriesName = {
  /** The name with `#` for what counts the saves: the same for those that replace each other. */
  pattern: string;
  /** The whole numbers that count; the same for files that were saved together. */
  numbers: readonly number[];
};

/** What a number may be attached to that counts saves; in any other word it belongs to the word, as in `resnet18`. */
const countedWords =
  /^(?:|e|ep|epochs?|s|steps?|it|i|iters?|iterations?|b|batch|ckpt|cp|checkpoint|model|net|weights|snapshot|save|state)$/i;
/** A number after one of these says which model it is, or that it is none; not when it was saved. */
const distinguishingWords = new Set(
  (
    "fold folds cv split seed rank ranks size member expert ensemble stage phase task client worker gpu device node part " +
    "shard trial run exp experiment version v lr wd bs dim hidden layer layers depth width heads dropout alpha beta gamma " +
    "data sample samples graph feature features embedding embeddings latent latents chunk image img example item doc frame"
  ).split(" "),
);
const wordPattern = /\d+e[-+]\d+(?![a-z0-9])|[a-z0-9]+(?:(?<=\d)\.\d+(?:e[-+]?\d+)?)?/gi;
const numberedPattern = /^([a-z]*?)(\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?:k|ep|epochs?|steps?|iters?)?$/i;
const timePattern = /^\d{2,8}T\d{2,6}Z?$/i;

/** What of a name says which save it is, and what says of what. */
export function parseSeriesName(name: string): SeriesName {
  const numbers: number[] = [];
  let before = "";
  const pattern = name.slice(0, MAX_NAME).replaceAll(wordPattern, (word) => {
    const [, letters = "", number] = numberedPattern.exec(word) ?? [];
    const subject = letters === "" ? before : "";
    before = word;
    if (timePattern.test(word) || /^(?:nan|inf)$/i.test(word)) {
      return "#";
    }
    if (number === undefined || distinguishingWords.has(subject.toLowerCase()) || /^v\d+$/i.test(subject)) {
      return word;
    }
    if (!countedWords.test(letters) && !(number.includes(".") && isMetricName(letters))) {
      return word;
    }
    if (!number.includes(".")) {
      numbers.push(Number(number));
    }
    return `${letters}#`;
  });
  // A metric may be negative.
  return { pattern: pattern.replaceAll(/=-#/g, "=#"), numbers };
}

/** The longest name of a file on any common system. */
const MAX_NAME = 255;

type Named = { summary: Pick<CheckpointSummary, "name" | "format"> };

/** The checkpoints of one run by what they are saves of; what no training writes step by step is each for itself. */
export function seriesOf<Entry extends Named>(run: readonly Entry[]): Map<string, Entry[]> {
  return groupBy(run, ({ summary: { name, format } }) => {
    const isFinal = format === "trainer-folder" && trainerFolderStep(name) === undefined;
    return isFinal || format === "gguf" ? name : parseSeriesName(name).pattern;
  });
}
