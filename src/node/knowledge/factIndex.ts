import { lstatSync } from "node:fs";
import { join } from "node:path";
import { rangeOnLine } from "../../core/base/problems.ts";
import type { Evidence, Layout } from "../../core/knowledge/evidence.ts";
import { FACTS_FILE, type Fact, type FileProblem, type WorkspaceFacts } from "../../core/knowledge/fact.ts";
import { type PlaceholderSettings, readFactsFile } from "../../core/knowledge/factOverrides.ts";
import type { Reading } from "../../core/knowledge/manifests/reading.ts";
import type { MarkerEnvironment } from "../../core/knowledge/pep/marker.ts";
import { resolveFacts } from "../../core/knowledge/resolveFacts.ts";
import { mayBeSeen, shapesTree } from "./enteredPaths.ts";
import { readFileText } from "./fileText.ts";
import { readIncludes } from "./includes.ts";
import { readEnvironment } from "./installedPackages.ts";
import { machineMarkers } from "./machineMarkers.ts";
import { type ReadFiles, readFiles } from "./readFiles.ts";
import { isReadable, UNREADABLE, unreadable } from "./readWorkspaceFile.ts";
import { scanTree } from "./scanTree.ts";
import type { Tree, TreeFile } from "./tree.ts";

type IndexOptions = { machine?: MarkerEnvironment; read?: ReadFiles };

/** What a workspace folder says about itself, kept so that a change reads only what changed. Blocks its thread. */
export class FactIndex {
  readonly #root: string;
  readonly #machine: MarkerEnvironment;
  readonly #read: ReadFiles;
  readonly #readings = new Map<string, Reading>();
  readonly #files = new Map<string, TreeFile>();
  #environmentReadings: readonly string[] = [];
  #folders: string[] = [];
  #environments: string[] = [];
  #omissions: readonly string[] = [];
  #unreadable: Tree["unreadable"] = [];
  /** Files behind symbolic links, with where they really lie. */
  #linked: readonly { path: string; target: string }[] = [];
  #hasUnwatchedLinks = false;
  #filesRead = 0;
  /** Whether the readings stand in the order of the scan, as they do until one is made anew. */
  #isInOrder = true;
  /** What was made of the readings, until one of them changes. */
  #known: Omit<Evidence, "settings"> | undefined;

  /**
   * `machine` is what markers may ask of the machine; this one, where nothing is said. `read` reads the files of the
   * folder; on this thread, where nothing is said.
   */
  constructor(
    root: string,
    { machine = machineMarkers(), read = (paths) => readFiles(root, paths) }: IndexOptions = {},
  ) {
    this.#root = root;
    this.#machine = machine;
    this.#read = read;
  }

  /** How many files were read since the index was made. */
  get filesRead(): number {
    return this.#filesRead;
  }

  /** Reads everything anew. */
  async scan(): Promise<void> {
    this.#readings.clear();
    this.#files.clear();
    await this.#walk(() => true);
    this.#isInOrder = true;
  }

  /**
   * Reads the named files and folders anew, relative to the workspace folder, so that the index is what a scan would
   * make of it. Where only known files have other texts, their names are not looked at again.
   */
  async update(paths: readonly string[]): Promise<void> {
    this.#isInOrder = false;
    const told = new Set(paths);
    const linked = this.#linked.filter(({ target }) => !mayBeSeen(target) || isChanged(told, target));
    const changed = new Set([...paths.filter((path) => mayBeSeen(path)), ...linked.map(({ path }) => path)]);
    const inEnvironment = [...changed].filter((path) => this.#environments.some((folder) => isWithin(path, folder)));
    const others = [...changed].filter((path) => !inEnvironment.includes(path));
    if (
      this.#hasUnwatchedLinks ||
      others.some((path) => !this.#isKnownFile(path)) ||
      inEnvironment.some((path) => this.#shapesEnvironment(path))
    ) {
      await this.#walk((path) => isChanged(changed, path));
      return;
    }
    if (inEnvironment.length > 0) {
      this.#readEnvironments();
    }
    await this.#readFiles(others.map((path) => this.#files.get(path) ?? { path, isIgnored: false }));
  }

  facts(settings: PlaceholderSettings): WorkspaceFacts {
    const own = this.#readFactsFile();
    const facts = resolveFacts(this.evidence(settings), { facts: own.facts, omissions: this.#omissions });
    const unread = [...this.#unreadable.map(unreadableFolder), ...facts.problems.filter(isUnreadable)];
    const more = unread.length - MAX_UNREADABLE;
    return {
      ...facts,
      problems: [
        ...own.problems.map((problem) => ({ ...problem, path: FACTS_FILE })),
        ...facts.problems.filter((problem) => !isUnreadable(problem)),
        ...unread.slice(0, MAX_UNREADABLE),
      ],
      omissions: more > 0 ? [...facts.omissions, `${more} more files and folders cannot be read.`] : facts.omissions,
    };
  }

  evidence(settings: PlaceholderSettings): Evidence {
    this.#known ??= {
      readings: readIncludes(this.#root, this.#inOrder()),
      layout: this.#layout(),
      machine: this.#machine,
    };
    return { ...this.#known, settings };
  }

  /** Looks at all names, and reads the files that are new or that changed. */
  async #walk(hasChanged: (path: string) => boolean): Promise<void> {
    const tree = scanTree(this.#root);
    const before = new Map(this.#files);
    this.#files.clear();
    tree.files.forEach((file) => this.#files.set(file.path, file));
    this.#linked = tree.files.flatMap(({ path, target }) => (target === undefined ? [] : [{ path, target }]));
    for (const path of [...this.#readings.keys()].filter((known) => this.#files.get(known)?.isIgnored !== false)) {
      this.#readings.delete(path);
    }
    this.#hasUnwatchedLinks = tree.hasUnwatchedLinks;
    this.#folders = tree.folders;
    this.#omissions = tree.omissions;
    this.#unreadable = tree.unreadable;
    await this.#readFiles(
      tree.files.filter(({ path, target }) => {
        const known = before.get(path);
        return known?.isIgnored !== false || known.target !== target || hasChanged(path);
      }),
    );
    this.#environments = tree.environments.toSorted((a, b) => a.split("/").length - b.split("/").length);
    this.#readEnvironments();
  }

  /** A file that is read for what is in it, and still is one; where a link leads now, only a look at the tree tells. */
  #isKnownFile(path: string): boolean {
    const status =
      this.#files.has(path) && !shapesTree(path)
        ? lstatSync(join(this.#root, path), { throwIfNoEntry: false })
        : undefined;
    return status?.isFile() === true;
  }

  #shapesEnvironment(path: string): boolean {
    return this.#environments.includes(path) || shapesTree(path);
  }

  async #readFiles(files: readonly TreeFile[]): Promise<void> {
    this.#known = undefined;
    const paths = files.flatMap(({ path, isIgnored }) => (isIgnored || !isReadable(path) ? [] : [path]));
    const readings = await this.#read(paths);
    this.#filesRead += paths.length;
    for (const [index, path] of paths.entries()) {
      const reading = readings[index];
      if (reading) {
        this.#readings.set(path, reading);
      } else {
        this.#readings.delete(path);
      }
    }
  }

  /** The nearest environment is the one that the workspace uses. */
  #readEnvironments(): void {
    this.#known = undefined;
    for (const path of this.#environmentReadings) {
      this.#readings.delete(path);
    }
    const [environment] = this.#environments;
    const readings = environment === undefined ? new Map<string, Reading>() : readEnvironment(this.#root, environment);
    this.#environmentReadings = [...readings.keys()];
    readings.forEach((reading, path) => this.#readings.set(path, reading));
  }

  #readFactsFile(): { facts: readonly Fact[]; problems: Reading["problems"] } {
    const file = readFileText(join(this.#root, FACTS_FILE), MAX_FACTS_BYTES);
    if (file.kind === "text") {
      return readFactsFile({ text: file.text });
    }
    const reason = file.kind === "unreadable" ? file.reason : `it is larger than ${MAX_FACTS_BYTES / 1_000} kB`;
    return { facts: [], problems: file.kind === "gone" ? [] : unreadable(reason).problems };
  }

  /** The readings in the order of the scan, whenever each was made: among equals the first counts. */
  #inOrder(): ReadonlyMap<string, Reading> {
    if (this.#isInOrder) {
      return this.#readings;
    }
    const ordered = new Map<string, Reading>();
    for (const path of [...this.#files.keys(), ...this.#environmentReadings]) {
      const reading = this.#readings.get(path);
      if (reading !== undefined) {
        ordered.set(path, reading);
      }
    }
    return ordered;
  }

  #layout(): Layout {
    const checkpointFolders = new Map<string, string>();
    const eventFolders = new Set<string>();
    for (const path of this.#files.keys()) {
      const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      if (CHECKPOINT.test(path) && !checkpointFolders.has(folder) && !/(?:^|\/)(?:data|datasets?)\//.test(path)) {
        checkpointFolders.set(folder, path);
      } else if (path.includes("events.out.tfevents.")) {
        eventFolders.add(folder);
      }
    }
    return {
      folders: this.#folders,
      checkpointFolders,
      eventFolders: [...eventFolders],
      files: [...this.#files.keys()],
    };
  }
}

/** A page of text; a larger file says something else. */
const MAX_FACTS_BYTES = 100_000;

/** A folder of somebody else may hold thousands; the first show what is the matter. */
const MAX_UNREADABLE = 50;

function isUnreadable({ code }: FileProblem): boolean {
  return code === UNREADABLE;
}

function unreadableFolder({ path, reason }: Tree["unreadable"][number]): FileProblem {
  const message = `The folder cannot be read: ${reason}.`;
  return { code: UNREADABLE, severity: "warning", message, range: rangeOnLine(0, 0, 0), path: path || "." };
}

/** Whether a path or a folder around it is among those that changed. */
function isChanged(changed: ReadonlySet<string>, path: string): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (changed.has(path.slice(0, end))) {
      return true;
    }
  }
  return false;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

const CHECKPOINT = /\.(?:pt|pth|ckpt|safetensors|h5|keras|distcp)$/;
