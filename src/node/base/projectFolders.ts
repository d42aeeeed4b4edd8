/** Folders that tools fill: packages, caches, builds, logs of experiments. */
const SKIPPED = new Set([
  "node_modules",
  "venv",
  "virtualenv",
  "site-packages",
  "__pycache__",
  "__pypackages__",
  "wandb",
  "mlruns",
  "build",
  "dist",
]);

/** Whether people keep their own files in a folder of this name; hidden ones belong to tools. */
export function isProjectFolder(name: string): boolean {
  return !SKIPPED.has(name) && !name.startsWith(".");
}

/** Says of each ending that a folder holds more often than is looked at; `quantity` stands before the number. */
export function siblingOmissions(
  folder: string,
  siblings: ReadonlyMap<string, number>,
  { maxSiblings, quantity = "" }: { maxSiblings: number; quantity?: string },
): string[] {
  return [...siblings].flatMap(([extension, files]) => {
    const what = `${quantity}${files} files${extension && ` ending in \`${extension}\``}`;
    return files > maxSiblings ? [`\`${folder || "."}\` holds ${what}; ${maxSiblings} of them were looked at.`] : [];
  });
}
