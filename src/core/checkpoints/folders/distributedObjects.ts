import { sliceSource } from "../../base/byteSource.ts";
import type { CheckpointFolder } from "../checkpointFolder.ts";
import type { ImportedName } from "../importedName.ts";
import { readCheckpointFile } from "../readCheckpointFile.ts";
import type { DistributedMetadata, StoredPiece } from "./distributedMetadata.ts";

/** Each is a file of torch inside a file and costs some reads; an optimizer of 300 parameters keeps as many. */
const MAX_OBJECTS = 2_000;

/**
 * What loading the objects would import that lie among the pieces: those of tensors are loaded as data alone, all others are
 * unpickled. Throws only what the folder throws.
 */
export async function importsOfObjects(
  { pieces, tensors }: DistributedMetadata,
  folder: CheckpointFolder,
): Promise<ImportedName[]> {
  const ofTensors = new Set(tensors.map(({ name }) => name));
  const objects = pieces.filter(({ name }) => !ofTensors.has(name));
  const imports = new Map<string, ImportedName>();
  const add = (each: ImportedName) => imports.set(each.name, each);
  const unread = objects.length - MAX_OBJECTS;
  if (unread > 0 || objects.some(({ isTransformed }) => isTransformed)) {
    add({ name: "what lies in objects that are not read", trust: "unlisted" });
  }
  for (const [path, inFile] of byFile(objects.slice(0, MAX_OBJECTS))) {
    await folder.open(path, async (source) => {
      for (const { offset, length } of inFile) {
        const object = await readCheckpointFile(sliceSource(source, offset, length), "object.pt");
        object.imports.forEach(add);
      }
    });
  }
  return [...imports.values()];
}

/** A path that leads outside is no name of a file in the folder. */
function byFile(pieces: readonly StoredPiece[]): Map<string, StoredPiece[]> {
  const files = new Map<string, StoredPiece[]>();
  for (const piece of pieces.filter(({ path }) => !/[/\\\0]/.test(path))) {
    const known = files.get(piece.path);
    if (known === undefined) {
      files.set(piece.path, [piece]);
    } else {
      known.push(piece);
    }
  }
  return files;
}
