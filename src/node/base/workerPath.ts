import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Where the code of a worker thread lies: the build puts it beside the chunk that starts it; from the sources it is the
 * file next to the one that does. `from` is the `import.meta.url` of that.
 */
export function workerPath(from: string, name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(fileURLToPath(from))}`, from));
}
