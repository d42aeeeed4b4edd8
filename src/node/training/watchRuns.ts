import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { readLogPartName } from "../../core/training/logParts.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { runFiles } from "./runFolder.ts";
import { listRunNames, readRun, runsFolder } from "./runLedger.ts";

/** The poll is what can be relied on; watches only make it quicker. */
const DEFAULT_POLL_MS = 3_000;
const SETTLE_MS = 100;

/**
 * Calls back after something about the runs of a workspace folder may have changed: a run was created, started, went
 * on, ended or was removed; the first time for the runs that are there already. Folders that come and go are fine. Nothing is called after disposal.
 */
export function watchRuns(root: string, onChange: () => void, options: { pollMs?: number } = {}): Disposable {
  const runs = new RunsWatch(root, onChange, options.pollMs ?? DEFAULT_POLL_MS);
  runs.start();
  return runs;
}

class RunsWatch implements Disposable {
  readonly #root: string;
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #watchers = new Map<string, FSWatcher>();
  #settling: NodeJS.Timeout | undefined;
  #stamps: ReadonlyMap<string, Stamp> = new Map();
  #seen = "";
  #isLooking = false;
  #mustLookAgain = false;
  #isDisposed = false;

  constructor(root: string, onChange: () => void, pollMs: number) {
    this.#root = root;
    this.#onChange = onChange;
    this.#timer = setInterval(() => void this.#look(), pollMs);
    this.#timer.unref();
  }

  start(): void {
    void this.#look();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers.values()) {
      watcher.close();
    }
    this.#watchers.clear();
  }

  /** Compares what lies there with what lay there before; one look at a time. */
  async #look(): Promise<void> {
    if (this.#isLooking || this.#isDisposed) {
      this.#mustLookAgain = true;
      return;
    }
    this.#isLooking = true;
    this.#mustLookAgain = false;
    const names = await listRunNames(this.#root).catch((): string[] => []);
    const folders = names.map((name) => join(runsFolder(this.#root), name));
    const stamps = await Promise.all(
      folders.map(async (folder) => [folder, await stampOf(folder, this.#stamps.get(folder))] as const),
    );
    this.#stamps = new Map(stamps);
    const seen = stamps.map(([folder, { text }]) => `${basename(folder)} ${text}`).join("\n");
    this.#isLooking = false;
    if (this.#isDisposed) {
      return;
    }
    const live = stamps.filter(([, { isLive }]) => isLive).map(([folder]) => folder);
    this.#watchOnly([runsFolder(this.#root), ...live]);
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#onChange();
    }
    if (this.#mustLookAgain) {
      this.#lookSoon();
    }
  }

  #lookSoon(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      void this.#look();
    }, SETTLE_MS);
  }

  #watchOnly(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#watchers) {
      if (!folders.includes(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) {
        this.#watch(folder);
      }
    }
  }

  #watch(folder: string): void {
    const forget = (): void => {
      this.#watchers.get(folder)?.close();
      this.#watchers.delete(folder);
      this.#lookSoon();
    };
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // The log grows with every line; what matters of that is in the status.
        if (name === null || readLogPartName(name) === undefined) {
          this.#lookSoon();
        }
      });
      watcher.on("error", forget);
      this.#watchers.set(folder, watcher);
    } catch {
      // Not there yet, or no watches left on this machine: the poll finds what changes.
    }
  }
}

/** `text` changes with everything that people see of a run; `isSettled`: it stays the same until a file changes. */
type Stamp = { text: string; files: string; isLive: boolean; isSettled: boolean };

/** An owner writes every few seconds; of a run that is gone and whose status is older than this, nothing more is to come. */
const QUIET_AFTER_MS = 30_000;

/**
 * Enough of a run to see that it changed: its files, and whether its processes still live, since a killed one changes
 * no file. Runs that have ended are not read again and again.
 */
async function stampOf(folder: string, before: Stamp | undefined): Promise<Stamp> {
  const { status, stop } = runFiles(folder);
  const [written, asked] = await Promise.all([mtimeOf(status), mtimeOf(stop)]);
  const files = `${written} ${asked}`;
  if (before?.isSettled === true && before.files === files) {
    return before;
  }
  const run = await readRun(folder).catch(() => undefined);
  const isLive = run !== undefined && !hasEnded(run.state);
  const isQuiet = Date.now() - written > QUIET_AFTER_MS;
  const isSettled = run?.status.endedAt !== undefined || (!isLive && isQuiet);
  return { text: `${files} ${run?.state ?? "unreadable"}`, files, isLive, isSettled };
}

async function mtimeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}
