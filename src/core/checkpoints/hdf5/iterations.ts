import { FormatError } from "../../base/errors.ts";
import type { TensorEntry } from "../tensorEntry.ts";
import { type Hdf5Source, readAddress, readSized } from "./hdf5Source.ts";
import type { HeaderMessage } from "./objectHeader.ts";

/** Where the bytes of a data set lie: in the message itself or, in one piece, elsewhere. */
const LAYOUT = 0x08;
const COMPACT = 0;
const CONTIGUOUS = 1;
/**
 * The optimizer of Keras counts the batches in its first variable; files of the older form have its name. One that scales
 * the loss, as for mixed_float16, has the one that counts inside.
 */
const counterPattern =
  /^(?:optimizer\/(?:inner_optimizer\/)*vars\/0|optimizer_weights\/(?:[^/]+\/)*iter(?:ations?)?(?::0)?)$/;
const itemBytes: Readonly<Record<string, number>> = { int32: 4, int64: 8 };

/** How many batches the optimizer of a Keras model has counted; undefined for any other data set. */
export async function readIterations(
  source: Hdf5Source,
  { name, dtype, shape }: TensorEntry,
  messages: readonly HeaderMessage[],
): Promise<number | undefined> {
  const length = itemBytes[dtype];
  const layout = messages.find(({ kind }) => kind === LAYOUT)?.content;
  if (!counterPattern.test(name) || shape.length > 0 || length === undefined || layout === undefined) {
    return undefined;
  }
  try {
    const version = readSized(layout, 1);
    const storage = readSized(layout, 1);
    if (version < 3 || (storage !== COMPACT && storage !== CONTIGUOUS)) {
      return undefined;
    }
    if (storage === COMPACT) {
      layout.skip(2);
    }
    const bytes = storage === COMPACT ? layout : await source.block(readAddress(layout), length);
    const count = readSized(bytes, length);
    return Number.isSafeInteger(count) ? count : undefined;
  } catch (error) {
    // A file that is cut still lists what it holds.
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return undefined;
  }
}
