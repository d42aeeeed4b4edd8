import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";

/** A module that lies in the workspace of a run. */
type OwnModule = {
  /** The package folder or the file, below the folder of the run. */
  path: string;
  /** The folder that Python has to search for it. */
  folder: string;
  /** Whether Python searches it anyway: then it is a part of the module that is not there. */
  isSearched: boolean;
};

/** A project keeps its code near its top; these bounds keep folders of data out. */
const LIMITS = { maxFiles: 5_000, maxDepth: 4, maxMs: 1_000, maxSiblings: 500 };

/** Finds the top-level module of a dotted name among the sources of the folder that a run starts in; the one nearest to its top. */
export async function findOwnModule(module: string, { cwd, script }: LaunchPlan): Promise<OwnModule | undefined> {
  const [top = "", ...inner] = module.split(".");
  if (top === "") {
    return undefined;
  }
  const { files } = await walkWorkspace(cwd, { limits: LIMITS });
  const roots = files
    .filter(({ extension }) => extension === ".py")
    .map(({ path }) => rootOf(path.split("/"), top))
    .filter((root) => root !== undefined)
    .toSorted((a, b) => a.length - b.length);
  const root = roots.find((each) => inner.length === 0 || holds(join(cwd, ...each, top), inner)) ?? roots[0];
  if (root === undefined) {
    return undefined;
  }
  const folder = join(cwd, ...root);
  const isFile = existsSync(join(folder, `${top}.py`));
  return { path: [...root, isFile ? `${top}.py` : top].join("/"), folder, isSearched: folder === dirname(script) };
}

/** The folders above the module, for a file that is it or lies in its package. */
function rootOf(parts: readonly string[], top: string): string[] | undefined {
  const at = parts.findIndex((part, index) => part === (index === parts.length - 1 ? `${top}.py` : top));
  return at === -1 ? undefined : parts.slice(0, at);
}

function holds(packageFolder: string, inner: readonly string[]): boolean {
  const stem = join(packageFolder, ...inner);
  return existsSync(`${stem}.py`) || existsSync(stem);
}
