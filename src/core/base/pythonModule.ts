/**
 * The name under which `python -m` starts a file from the folder that its relative path begins in: `src.pkg.train` for
 * `src/pkg/train.py`. Undefined where a part of the path is no Python name.
 */
export function moduleOfFile(path: string): string | undefined {
  const parts = path.replace(/\.py$/, "").split(/[\\/]/);
  return path.endsWith(".py") && parts.every((part) => /^[A-Za-z_]\w*$/.test(part)) ? parts.join(".") : undefined;
}

/** Whether a file imports beside itself with dots, and so cannot be started by its path. */
export function hasRelativeImport(text: string): boolean {
  return /^[ \t]*from[ \t]+\.+[\w.]*[ \t]+import\b/m.test(text);
}
