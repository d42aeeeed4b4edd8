import { joinedPath } from "../base/joinedPath.ts";
import { type Evidence, statementsOf } from "./evidence.ts";
import { type Glob, globMatches, parseGlob } from "./glob.ts";
import { ancestorsOf, folderOf } from "./nearness.ts";

type Workspace = { root: string; members: readonly Glob[]; exclude: readonly Glob[] };

/**
 * Which folders share one environment: those of a workspace of uv are locked and installed together, any other is alone.
 * A requirements file is installed with those that it includes.
 */
export class Projects {
  readonly #workspaces: ReadonlyMap<string, Workspace>;
  readonly #known = new Map<string, string>();
  readonly #includes = new Set<string>();

  constructor(evidence: Evidence) {
    this.#workspaces = new Map(
      statementsOf(evidence, "workspace").map(({ members, exclude, source }) => {
        const root = folderOf(source.path);
        return [root, { root, members: globsOf(members), exclude: globsOf(exclude) }];
      }),
    );
    for (const { path, source } of statementsOf(evidence, "include")) {
      this.#includes.add(`${source.path}\n${joinedPath(folderOf(source.path), path)}`);
    }
  }

  /** Whether one of two files includes the other. */
  areJoined(one: string, other: string): boolean {
    return this.#includes.has(`${one}\n${other}`) || this.#includes.has(`${other}\n${one}`);
  }

  /** The folder that stands for all with which a folder shares its environment. */
  of(folder: string): string {
    if (this.#workspaces.size === 0) {
      return folder;
    }
    const known = this.#known.get(folder) ?? this.#rootOf(folder);
    this.#known.set(folder, known);
    return known;
  }

  #rootOf(folder: string): string {
    for (const root of ancestorsOf(folder)) {
      const workspace = this.#workspaces.get(root);
      const names = folder.slice(root === "" ? 0 : root.length + 1).split("/");
      const isMember =
        workspace?.members.some((glob) => globMatches(glob, names)) === true &&
        !workspace.exclude.some((glob) => globMatches(glob, names));
      if (isMember) {
        return root;
      }
    }
    return folder;
  }
}

function globsOf(patterns: readonly string[]): Glob[] {
  return patterns.flatMap((pattern) => parseGlob(pattern.replace(/^\.\/|\/$/g, "")) ?? []);
}
