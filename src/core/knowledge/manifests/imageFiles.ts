import { joinedPath } from "../../base/joinedPath.ts";

/** A file or folder of the build context, and where it lies in the image, as an absolute path. */
type Copied = { source: string; place: string };

/** Which files of a build context lie where in an image: what `WORKDIR`, `COPY` and `RUN --mount=type=bind` say. */
export class ImageFiles {
  #folder = "/";
  readonly #copied: Copied[] = [];

  enter(folder: string): void {
    this.#folder = this.#absolute(unquoted(folder));
  }

  /** Takes the words behind `COPY` or `ADD`. What another stage made is no file of the context. */
  copy(argument: string): void {
    const list = /^\[(.*)\]$/.exec(argument)?.[1];
    const words = list?.split(",").map((word) => word.trim()) ?? argument.split(/\s+/);
    const sources = words.filter((word) => !word.startsWith("--")).map(unquoted);
    const destination = sources.pop();
    if (destination === undefined || words.some((word) => word.startsWith("--from="))) {
      return;
    }
    const isFolder = sources.length > 1 || /(?:^|\/)\.?$/.test(destination);
    this.#copied.push(...sources.flatMap((source) => this.#copies(source, destination, isFolder)));
  }

  #copies(source: string, destination: string, isFolder: boolean): Copied[] {
    const place = this.#absolute(destination);
    const [, folder = ".", name = ""] = /^(?:(.*)\/)?([^/]*)$/.exec(source.replace(/\/+$/, "")) ?? [];
    if (/[*?[]/.test(name)) {
      return [{ source: folder, place }];
    }
    // Whether a source is a folder, its name tells: what lies in a folder is copied without the folder's own name.
    const isFile = isFolder && /[^.]\./.test(name);
    return [{ source, place: isFile ? this.#absolute(`${destination}/${name}`) : place }];
  }

  /** The path in the build context of a file that a `RUN` line names; as it is written there where nothing tells. */
  originOf(path: string, run: string): string {
    const wanted = this.#absolute(path);
    const copied = [...this.#copied, ...this.#mounted(run)].toReversed();
    const exact = copied.find(({ place }) => place === wanted);
    const around = copied.find(({ place }) => wanted.startsWith(place === "/" ? "/" : `${place}/`));
    return exact?.source ?? (around === undefined ? path : inside(around, wanted));
  }

  /** Files of the context that only one `RUN` line sees. */
  #mounted(run: string): Copied[] {
    return [...run.matchAll(/--mount=(\S*type=bind\S*)/g)].flatMap(({ 1: written = "" }) => {
      const options = new Map(written.split(",").map(splitOption));
      const target = options.get("target") ?? options.get("dst") ?? options.get("destination");
      const source = options.get("source") ?? options.get("src") ?? ".";
      return target === undefined || options.has("from") ? [] : [{ source, place: this.#absolute(target) }];
    });
  }

  #absolute(path: string): string {
    return `/${joinedPath(this.#folder, path)}`;
  }
}

/** The path in the context of what lies below the place of a copied folder. */
function inside({ source, place }: Copied, wanted: string): string {
  const below = wanted.slice(place.length).replace(/^\//, "");
  const folder = source.replace(/^(?:\.?\/)+|\/+$/g, "");
  return folder === "" || folder === "." ? below : `${folder}/${below}`;
}

function splitOption(option: string): [string, string] {
  const [name = "", ...value] = option.split("=");
  return [name, value.join("=")];
}

function unquoted(word: string): string {
  return word.replace(/^(["'])(.*)\1$/, "$2");
}
