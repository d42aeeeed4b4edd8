/** Folders for what others wrote, or what only shows how the project is used. */
const ASIDE =
  /(?:^|\/)(?:examples?|samples?|demos?|third[-_]?party|3rd[-_]?party|_?vendor(?:s|ed)?|externals?|submodules?)\//i;

/** Whether a file lies in a folder such as `examples/` or `vendor/`, and so speaks of the project last. */
export function isAside(path: string): boolean {
  return ASIDE.test(path);
}

/** How far a file is from the top of the workspace; the least counts first. A folder `requirements` belongs to the one around it. */
export function distanceOf(path: string): number {
  let depth = 0;
  for (let end = path.indexOf("/"), start = 0; end !== -1; start = end + 1, end = path.indexOf("/", start)) {
    depth += path.slice(start, end) === "requirements" ? 0 : 1;
  }
  return depth > 0 && isAside(path) ? depth + FAR : depth;
}

/** For sorting, nearest to the top first; folders are listed in no order. */
export function byNearness(a: string, b: string): number {
  return distanceOf(a) - distanceOf(b) || (a < b ? -1 : 1);
}

/** Deeper than any folder that is entered. */
const FAR = 100;

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** A folder and those around it, nearest first, down to the workspace folder, which is an empty text. */
export function ancestorsOf(folder: string): string[] {
  const ancestors = [folder];
  for (let path = folder; path !== ""; path = folderOf(path)) {
    ancestors.push(folderOf(path));
  }
  return ancestors;
}
