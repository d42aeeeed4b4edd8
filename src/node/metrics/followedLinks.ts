import type { Dirent } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

/** What an entry of a folder is, or leads to. `place`: where that is, of what was reached through a link. */
type Target = { kind: "folder" | "file"; place?: string };

/** What data sets are made of, mostly as links to another disk: no folder or log of a run is called so. */
const DATA_NAME =
  /\.(?:jpe?g|png|gif|bmp|tiff?|webp|p[bgp]m|svg|wav|flac|mp3|ogg|m4a|mp4|avi|mkv|mov|webm|np[yz]|parquet|arrow|tfrecords?|zip|tar|t?gz|xz|bz2|zst|h5|hdf5|safetensors|xml|dcm|nii)$/i;
/** To follow a link takes two calls; so many beside each other are most likely data of another kind. */
const MAX_BESIDE = 1_000;
/** So many are followed in all, since each is again whenever the curves are looked at. */
const MAX_IN_ALL = 2_000;

/** The links below a folder that lead out of it, such as to the disk of a cluster, each place followed once. */
export class FollowedLinks {
  readonly #root: Promise<string | undefined>;
  /** Where the folders are that were reached through links, by the paths that lead there. */
  readonly #folders = new Map<string, string>();
  readonly #entered = new Set<string>();
  /** Where the files are that are links themselves. */
  readonly #files = new Map<string, string>();
  readonly #followed = new Map<string, number>();
  #left = MAX_IN_ALL;
  /** The folders with links that were not followed because there are too many. */
  readonly unseen = new Set<string>();

  constructor(root: string) {
    this.#root = realpath(root).catch(() => undefined);
  }

  /** Undefined for what leads nowhere, and to what is looked through anyway, as W&B's `latest-run` does. */
  async targetOf(entry: Dirent, path: string): Promise<Target | undefined> {
    if (entry.isSymbolicLink()) {
      return DATA_NAME.test(entry.name) || !this.#mayFollow(dirname(path)) ? undefined : this.#follow(path);
    }
    const kind = entry.isDirectory() ? "folder" : entry.isFile() ? "file" : undefined;
    const parent = this.#folders.get(dirname(path));
    return kind && (parent === undefined ? { kind } : { kind, place: join(parent, basename(path)) });
  }

  /** Whether a folder was not entered yet on another way; from now on it was. */
  enter(path: string, { place }: Target): boolean {
    if (place === undefined) {
      return true;
    }
    if (this.#entered.has(place)) {
      return false;
    }
    this.#entered.add(place);
    this.#folders.set(path, place);
    return true;
  }

  /** The logs without links to those among them, and to one log one link: the first. */
  withoutRepeated<T extends { path: string }>(logs: readonly T[]): T[] {
    const places = new Set(logs.filter(({ path }) => !this.#files.has(path)).map(({ path }) => this.#placeOf(path)));
    return logs.filter(({ path }) => {
      const isFirst = !this.#files.has(path) || !places.has(this.#placeOf(path));
      places.add(this.#placeOf(path));
      return isFirst;
    });
  }

  #mayFollow(folder: string): boolean {
    const followed = this.#followed.get(folder) ?? 0;
    if (followed >= MAX_BESIDE || this.#left === 0) {
      this.unseen.add(folder);
      return false;
    }
    this.#followed.set(folder, followed + 1);
    this.#left -= 1;
    return true;
  }

  async #follow(link: string): Promise<Target | undefined> {
    const root = await this.#root;
    const place = await realpath(link).catch(() => undefined);
    if (root === undefined || place === undefined || isWithin(place, root) || isWithin(root, place)) {
      return undefined;
    }
    const found = await stat(place).catch(() => undefined);
    if (found?.isFile() === true) {
      this.#files.set(link, place);
      return { kind: "file", place };
    }
    return found?.isDirectory() === true && !this.#isBelowEntered(place) ? { kind: "folder", place } : undefined;
  }

  /** Of what lies below a folder that was entered the name there counts, not that of a link such as `latest`. */
  #isBelowEntered(place: string): boolean {
    const parent = dirname(place);
    return parent !== place && (this.#entered.has(parent) || this.#isBelowEntered(parent));
  }

  #placeOf(path: string): string {
    const folder = this.#folders.get(dirname(path));
    return this.#files.get(path) ?? (folder === undefined ? path : join(folder, basename(path)));
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
