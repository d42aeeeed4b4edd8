import { type LossRole, lossRoleOf } from "./lossRules.ts";

/** One value that a training wrote to a metric file. */
export type LoggedValue = {
  /** The path of the file. */
  file: string;
  /** The folder that stands for the run whose log it is. */
  place: string;
  tag: string;
  step: number;
  /** What the steps count. */
  axis: "epoch" | "step";
  /** May be NaN or infinite. */
  value: number;
};

/** The metric files of a training, of which each value is told once. */
export type MetricTail = {
  /** What stands in the files now is not told; `beforeMs`: only in those last written before then, in milliseconds since 1970. */
  passOver(beforeMs?: number): Promise<void>;
  /** The values added since the last time, as far as one look reads, by their steps; of a metric that is not judged the last one. */
  readAdded(): Promise<readonly LoggedValue[]>;
};

/** Begins to follow the metric files in folders and below that are written after a start. */
export type FollowMetrics = (folders: readonly string[], startedMs: number) => Promise<MetricTail>;

const SPLIT = "(?:train|training|val|valid|validation|dev|eval|evaluation|test)";
const SPLIT_FOLDER = new RegExp(`^(.*?)[\\\\/]+(${SPLIT})$`, "i");

/**
 * A training and its validation may log to folders of their own (Keras' TensorBoard callback does): one place, whose losses
 * belong together, and the name of the split before the tag.
 */
export function placeOf({ place, tag }: Pick<LoggedValue, "place" | "tag">): { place: string; name: string } {
  const [, parent, split] = SPLIT_FOLDER.exec(place) ?? [];
  return parent === undefined || split === undefined
    ? { place, name: tag }
    : { place: parent, name: `${split}/${tag}` };
}

/**
 * Which loss a tag is. Besides the names that are printed: `Loss/train`, and Lightning's and Keras' words for what was averaged
 * over an epoch. The loss of a single held-out batch says nothing.
 */
export function lossRoleOfTag(tag: string): LossRole | undefined {
  const plain = tag.toLowerCase().replace(/(^|\/)epoch_|_epoch$/, "$1");
  const ofBatch = plain.replace(/_step$/, "");
  const role = lossRoleOf(ofBatch.replace(new RegExp(`^loss[_/](${SPLIT})$`), "$1/loss"));
  return role === "held-out" && ofBatch !== plain ? undefined : role;
}
