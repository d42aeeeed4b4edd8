import { type FSWatcher, watch } from "node:fs";

/**
 * Waits until something in a folder changes or a time has passed. The time is the truth, since watches miss changes on
 * network disks and in containers; the watch only makes it quicker.
 */
export class FileWaker implements Disposable {
  readonly #intervalMs: number;
  #watcher: FSWatcher | undefined;
  #wake: (() => void) | undefined;
  #isChanged = false;

  constructor(folder: string, intervalMs: number) {
    this.#intervalMs = intervalMs;
    try {
      this.#watcher = watch(folder, () => {
        this.#isChanged = true;
        this.#wake?.();
      });
      this.#watcher.on("error", () => this[Symbol.dispose]());
    } catch {
      // No watch left on this machine, or no folder: the interval alone does it.
    }
  }

  async wait(): Promise<void> {
    if (!this.#isChanged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#intervalMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isChanged = false;
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
