import { isAbsolute, relative } from "node:path";

/** A path inside of a folder as it is seen from there; any other as it is. */
export function shortPath(folder: string, path: string): string {
  const inside = relative(folder, path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside;
}
