import { statSync } from "node:fs";
import { join } from "node:path";
import { rangeOnLine } from "../../core/base/problems.ts";
import type { PythonParser } from "../../core/base/pythonSyntax.ts";
import type { Evidence, Layout } from "../../core/knowledge/evidence.ts";
import { FACTS_FILE, type Fact, type FileProblem, type WorkspaceFacts } from "../../core/knowledge/fact.ts";
import { type PlaceholderSettings, readFactsFile } from "../../core/knowledge/factOverrides.ts";
import type { Reading } from "../../core/knowledge/manifests/reading.ts";
import { resolveFacts } from "../../core/knowledge/resolveFacts.ts";
import { loadPythonParser } from "../base/pythonParser.ts";
import { readFileText } from "./fileText.ts";
import { readIncludes } from "./includes.ts";
import { readEnvironment } from "./installedPackages.ts";
import { type FileReader, fileReaderOf, UNREADABLE } from "./readWorkspaceFile.ts";
import { scanTree, type Tree, type TreeFile } from "./scanTree.ts";

/** What a workspace folder says about itself, kept so that a change reads only what changed. Blocks its thread. */
export class FactIndex {
  readonly #root: string;
  readonly #readings = new Map<string, Reading>();
  readonly #files = new Map<string, boolean>();
  #folders: string[] = [];
  #environments: string[] = [];
  #omissions: readonly string[] = [];
  #unreadable: Tree["unreadable"] = [];
  #parser: PythonParser | undefined;
  #filesRead = 0;
  /** What was made of the readings, until one of them changes. */
  #known: Omit<Evidence, "settings"> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** How many files were read since the index was made. */
  get filesRead(): number {
    return this.#filesRead;
  }

  /** Reads everything anew. */
  async scan(): Promise<void> {
    this.#known = undefined;
    this.#readings.clear();
    this.#files.clear();
    const tree = scanTree(this.#root);
    this.#folders = tree.folders;
    this.#omissions = tree.omissions;
    this.#unreadable = tree.unreadable;
    await this.#readFiles(tree.files);
    this.#environments = tree.environments.toSorted((a, b) => a.split("/").length - b.split("/").length);
    this.#readEnvironments();
  }

  /** Reads the named files and folders anew, relative to the workspace folder; what is gone is forgotten. */
  async update(paths: readonly string[]): Promise<void> {
    this.#known = undefined;
    for (const path of new Set(paths)) {
      const environment = this.#environments.find((folder) => path === folder || path.startsWith(`${folder}/`));
      if (environment !== undefined) {
        this.#readEnvironments();
        continue;
      }
      const status = statSync(join(this.#root, path), { throwIfNoEntry: false });
      if (status?.isDirectory()) {
        const { files, folders, unreadable } = scanTree(this.#root, path);
        this.#unreadable = [...this.#unreadable.filter((known) => !isWithin(known.path, path)), ...unreadable];
        this.#folders = [...new Set([...this.#folders, ...folders])];
        await this.#readFiles(files);
      } else if (status?.isFile()) {
        await this.#readFiles([{ path, isIgnored: this.#files.get(path) ?? false }]);
      } else {
        this.#forget(path);
      }
    }
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
    this.#known ??= { readings: readIncludes(this.#root, this.#readings), layout: this.#layout() };
    return { ...this.#known, settings };
  }

  async #readFiles(files: readonly TreeFile[]): Promise<void> {
    const readable = files.flatMap((file) => {
      this.#files.set(file.path, file.isIgnored);
      const reader = file.isIgnored ? undefined : fileReaderOf(file.path);
      return reader ? [{ path: file.path, reader }] : [];
    });
    if (readable.some(({ reader }) => reader.needsPython)) {
      this.#parser ??= await loadPythonParser();
    }
    for (const { path, reader } of readable) {
      this.#readFile(path, reader);
    }
  }

  #readFile(path: string, reader: FileReader): void {
    this.#filesRead += 1;
    const reading = reader.read(`${this.#root}/${path}`, this.#parser);
    // Most files tell nothing, and an empty reading is not worth its place.
    if (reading && (reading.statements.length > 0 || reading.problems.length > 0)) {
      this.#readings.set(path, reading);
    } else {
      this.#readings.delete(path);
    }
  }

  #forget(path: string): void {
    const isBelow = (other: string) => isWithin(other, path);
    this.#unreadable = this.#unreadable.filter((known) => !isBelow(known.path));
    for (const known of [...this.#files.keys()].filter(isBelow)) {
      this.#files.delete(known);
      this.#readings.delete(known);
    }
    this.#folders = this.#folders.filter((folder) => !isBelow(folder));
  }

  /** The nearest environment is the one that the workspace uses. */
  #readEnvironments(): void {
    const [environment] = this.#environments;
    if (environment === undefined) {
      return;
    }
    for (const path of [...this.#readings.keys()].filter((known) => known.startsWith(`${environment}/`))) {
      this.#readings.delete(path);
    }
    for (const [path, reading] of readEnvironment(this.#root, environment)) {
      this.#readings.set(path, reading);
    }
  }

  #readFactsFile(): { facts: readonly Fact[]; problems: Reading["problems"] } {
    const file = readFileText(join(this.#root, FACTS_FILE), 100_000);
    return file.kind === "text" ? readFactsFile({ text: file.text }) : { facts: [], problems: [] };
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

/** A folder of somebody else may hold thousands; the first show what is the matter. */
const MAX_UNREADABLE = 50;

function isUnreadable({ code }: FileProblem): boolean {
  return code === UNREADABLE;
}

function unreadableFolder({ path, reason }: Tree["unreadable"][number]): FileProblem {
  const message = `The folder cannot be read: ${reason}.`;
  return { code: UNREADABLE, severity: "warning", message, range: rangeOnLine(0, 0, 0), path: path || "." };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

const CHECKPOINT = /\.(?:pt|pth|ckpt|safetensors|h5|keras)$/;
