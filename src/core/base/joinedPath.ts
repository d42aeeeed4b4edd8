/** A path with `/` below a folder, without `.` and `..`; what leads out of the top stays at the top. */
export function joinedPath(folder: string, path: string): string {
  const names: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (name === "..") {
      names.pop();
    } else if (name !== "" && name !== ".") {
      names.push(name);
    }
  }
  return names.join("/");
}
