export type TreeFile = {
  /** Relative to the walked folder, with `/`. */
  path: string;
  /** Git leaves it out: its name counts, and nothing reads it. */
  isIgnored: boolean;
  /** Where it really lies, relative to the walked folder, where a symbolic link leads to it. */
  target?: string;
};

export type Tree = {
  files: TreeFile[];
  folders: string[];
  /** Virtual environments, which are not entered. */
  environments: string[];
  omissions: string[];
  /** Folders that may not be listed, with the end of a sentence that says why. */
  unreadable: { path: string; reason: string }[];
  /** A link leads to where changes are not told, as in a hidden folder. */
  hasUnwatchedLinks: boolean;
};
