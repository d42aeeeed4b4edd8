import { basename, dirname, join } from "node:path";
import type { CheckpointEntry, CheckpointLink } from "../../core/checkpoints/checkpointListing.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";
import { NoFileError, openToRead } from "../base/openFile.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

/*
 * Frameworks write into a small file which checkpoint a training goes on from, and look nowhere else:
 *
 *   last_checkpoint                      Detectron2: model_0004999.pth; mmengine: the whole path, of whatever machine
 *   latest                               DeepSpeed: global_step500
 *   latest_checkpointed_iteration.txt    Megatron: 500, for iter_0000500
 *   checkpoint                           TensorFlow: model_checkpoint_path: "ckpt-5", for ckpt-5.index
 */

const POINTERS: Readonly<Record<string, (text: string) => string | undefined>> = {
  last_checkpoint: lastName,
  latest: lastName,
  "latest_checkpointed_iteration.txt": (text) =>
    /^\d{1,12}$/.test(text) ? `iter_${text.padStart(7, "0")}` : undefined,
  checkpoint: (text) => {
    const path = /^model_checkpoint_path: "([^"]+)"/.exec(text)?.[1];
    return path === undefined ? undefined : `${lastName(path)}.index`;
  },
};
/** The longest path of any common system. */
const MAX_BYTES = 4096;
const CONCURRENT_READS = 16;

function lastName(path: string): string | undefined {
  return path.split(/[\\/]/).at(-1);
}

/** What the files beside these checkpoints name as the one to go on from. */
export async function pointersBeside(entries: readonly CheckpointEntry[]): Promise<CheckpointLink[]> {
  const paths = [...new Set(entries.map(({ path }) => dirname(path)))].flatMap((folder) =>
    Object.keys(POINTERS).map((name) => join(folder, name)),
  );
  const links = await mapConcurrently(paths, CONCURRENT_READS, async (path): Promise<CheckpointLink[]> => {
    const name = POINTERS[basename(path)]?.(await firstLine(path));
    return name === undefined || name === "" ? [] : [{ path, target: join(dirname(path), name), isText: true }];
  });
  return links.flat();
}

async function firstLine(path: string): Promise<string> {
  return (await readStart(path, MAX_BYTES)).split("\n")[0]?.trim() ?? "";
}

/** The first bytes of a text; nothing where there is no such file, as a folder is often called `checkpoint`. */
export async function readStart(path: string, maxBytes: number): Promise<string> {
  try {
    await using file = await openToRead(path);
    const length = Math.min(maxBytes, (await file.stat()).size);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (!(error instanceof NoFileError)) {
      passOverFileErrors(error);
    }
    return "";
  }
}
