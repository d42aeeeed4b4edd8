import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { byteSourceOf } from "../../src/core/base/byteSource.ts";
import type { CheckpointFolder } from "../../src/core/checkpoints/checkpointFolder.ts";

type Contents = Readonly<Record<string, Uint8Array | string>>;

/** A folder in memory; `a/b.pt` lies in its folder `a`, and `around` is what lies beside it. */
export function folderOf(name: string, contents: Contents, around: Contents = {}): CheckpointFolder {
  const outer = Object.fromEntries([
    ...Object.entries(around),
    ...Object.entries(contents).map(([path, content]) => [`${name}/${path}`, content] as const),
  ]);
  return folderAt(outer, `${name}/`, name);
}

/** A folder of the disk, read into memory with everything in it and with the files beside it. */
export function folderFromDisk(path: string): CheckpointFolder {
  return folderOf(basename(path), contentsOfFolder(path), filesBeside(path));
}

/** Every file below a folder of the disk by its path in it. */
export function contentsOfFolder(path: string): Record<string, Uint8Array> {
  const paths = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(path, name)).isFile(),
  );
  return Object.fromEntries(paths.toSorted().map((name) => [name, new Uint8Array(readFileSync(join(path, name)))]));
}

function filesBeside(path: string): Contents {
  const outer = join(path, "..");
  const names = readdirSync(outer).filter((name) => statSync(join(outer, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(join(outer, name)))]));
}

function folderAt(all: Contents, prefix: string, name: string): CheckpointFolder {
  const inside = Object.entries(all).filter(([path]) => path.startsWith(prefix));
  const files = new Map(
    inside
      .map(([path, content]) => [path.slice(prefix.length), content] as const)
      .filter(([path]) => !path.includes("/"))
      .map(([file, content]) => [file, typeof content === "string" ? new TextEncoder().encode(content) : content]),
  );
  const deeper = inside.map(([path]) => path.slice(prefix.length)).filter((path) => path.includes("/"));
  const folders = [...new Set(deeper.map((path) => path.slice(0, path.indexOf("/"))))];
  return {
    name,
    files: Array.from(files, ([file, bytes]) => ({ name: file, sizeBytes: bytes.length })),
    folders,
    open: async (file, read) => {
      const bytes = files.get(file);
      return bytes === undefined ? undefined : read(byteSourceOf(bytes));
    },
    enter: async (child) => {
      if (child === "..") {
        return folderAt(all, prefix.slice(0, prefix.lastIndexOf("/", prefix.length - 2) + 1), "");
      }
      return folders.includes(child) ? folderAt(all, `${prefix}${child}/`, child) : undefined;
    },
  };
}
