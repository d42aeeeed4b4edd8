import { type Refusal, refusalBefore, spokenAt } from "./argumentRefusal.ts";
import { readIndices, type Word } from "./argumentWords.ts";

/** What a person may say of the device: whichever GPU is best, the CPU, or GPUs by their numbers. */
export type SpokenDevice = "auto" | "cpu" | readonly number[];

/** A device that is named at a word, and how many words name it. */
export type DeviceMention = { device: SpokenDevice; length: number };

/** Finds "cpu", "gpu 1", "cuda:0", "gpus 0 and 1" or "the gpu" at a word. `bare` are the words as they may name something. */
export function findDeviceAt(bare: readonly string[], at: number): DeviceMention | undefined {
  const word = (bare[at] ?? "").toLowerCase();
  const attached = /^(?:cuda|gpu)s?:?(\d+(?:,\d+)*)$/.exec(word);
  if (attached) {
    return { device: readIndices(attached[1] ?? ""), length: 1 };
  }
  if (word === "cpu") {
    return { device: "cpu", length: 1 };
  }
  if (!/^(?:gpus?|cuda)$/.test(word)) {
    return undefined;
  }
  const rest = bare.slice(at + 1, at + 6).join(" ");
  // "gpu 0 and 5 epochs" names one GPU, "gpu 0 and 1" two.
  const listed = /^\d+(?:,\d+)*(?: (?:and|&) \d+(?=$| (?:and|with|for|at|using|please)\b))?/.exec(rest)?.[0];
  return listed === undefined
    ? { device: "auto", length: 1 }
    : { device: readIndices(listed), length: 1 + listed.split(" ").length };
}

/** "don't run it on my gpu", "keep it off the gpu", "instead of the gpu". */
const OF_DEVICE: Refusal = {
  refusals: new Set(["no", "not", "don't", "dont", "never", "without", "avoid", "off", "instead of", "rather than"]),
  between: new Set("use using run train start touch occupy it this on to the any a my".split(" ")),
};
/** May stand before a refusal and belong to it. */
const BEFORE = new Set(["do", "keep", "keeping", "stay", "staying", "it", "this"]);

/** The place where the refusal of the device at a word begins: that of "keep" in "keep it off the gpu". */
export function deviceRefusalBefore(words: readonly Word[], at: number): number | undefined {
  let place = refusalBefore(words, at, OF_DEVICE);
  while (place !== undefined && BEFORE.has(spokenAt(words, place - 1))) {
    place--;
  }
  return place;
}

/** Whether a run on a device keeps off one that was refused: that on GPU 1 keeps off GPU 0, and "the gpu" may be it. */
export function keepsOff(device: SpokenDevice, refused: SpokenDevice): boolean {
  if (device === "cpu" || refused === "cpu") {
    return device !== refused;
  }
  return device !== "auto" && refused !== "auto" && !device.some((index) => refused.includes(index));
}
