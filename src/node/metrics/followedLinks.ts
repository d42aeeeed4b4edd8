import type { Dirent } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { sep } from "node:path";

/** What an entry of a folder is, or leads to. */
type Target = "folder" | "file";

/** The links below a folder that lead out of it, such as to the disk of a cluster, each place followed once. */
export class FollowedLinks {
  readonly #places: Promise<string[]>;

  constructor(root: string) {
    this.#places = realpath(root).then(
      (place) => [place],
      () => [],
    );
  }

  async targetOf(entry: Dirent, path: string): Promise<Target | undefined> {
    if (entry.isSymbolicLink()) {
      return this.#follow(path);
    }
    return entry.isDirectory() ? "folder" : entry.isFile() ? "file" : undefined;
  }

  /** Undefined for what leads nowhere, and to what is looked through anyway, as W&B's `latest-run` does. */
  async #follow(link: string): Promise<Target | undefined> {
    const place = await realpath(link).catch(() => undefined);
    const found = place === undefined ? undefined : await stat(place).catch(() => undefined);
    const places = await this.#places;
    if (place === undefined || places.some((known) => isWithin(place, known) || isWithin(known, place))) {
      return undefined;
    }
    if (found?.isDirectory() === true) {
      places.push(place);
      return "folder";
    }
    return found?.isFile() === true ? "file" : undefined;
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
