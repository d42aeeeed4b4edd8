/*
 * Names with the same number are of one save, or of several trainings that share a folder:
 *
 *   G_9.pth  D_9.pth                      the parts of a GAN
 *   unet1_epoch9.pt  unet2_epoch9.pt      models that are trained together, as w1_9.pt and w2_9.pt are
 *   fold0_epoch9.pt  fold1_epoch9.pt      two trainings
 *   net_w32_epoch9.pt  net_w64_epoch9.pt  two trainings, of another setting each
 */

const value = String.raw`[_=-]?(?<value>\d+(?:\.\d+)?(?:e-?\d+)?)`;
/** Two that differ in one of these are of two trainings, whatever else they differ in. */
const TRAINING = new RegExp(String.raw`(?<![a-z])(?<word>fold|cv|split|seed|run|exp|experiment|trial)${value}`, "gi");
/** The parts of one training may have settings of their own, so that two are of two trainings only where all else is equal. */
const SETTING = new RegExp(
  String.raw`(?<![a-z])(?<word>version|width|dim|hidden|lr|bs)${value}|(?<=[._-])v[_=-]?\d+|(?<![a-z])w[_=-]?\d{2,}`,
  "gi",
);

/** `pattern`: the name with `#` for the number of the save. `numbers`: by the word before them, such as `fold`. */
export type TrainingOfName = { pattern: string; numbers: ReadonlyMap<string, number>; withoutSettings: string };

/** What the pattern of a name says of the training. */
export function trainingOf(pattern: string): TrainingOfName {
  const numbers = [...pattern.matchAll(TRAINING)].map(({ groups = {} }): [string, number] => [
    (groups["word"] ?? "").toLowerCase(),
    Number(groups["value"]),
  ]);
  return { pattern, numbers: new Map(numbers), withoutSettings: pattern.replace(SETTING, "$<word>#") };
}

/** Whether what bears two names may be of one training. */
export function mayBeOneTraining(one: TrainingOfName, other: TrainingOfName): boolean {
  const isOther = [...one.numbers].some(([word, number]) => (other.numbers.get(word) ?? number) !== number);
  return !isOther && (one.pattern === other.pattern || one.withoutSettings !== other.withoutSettings);
}
