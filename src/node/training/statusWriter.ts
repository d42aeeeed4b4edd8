import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type RunStatus, renderRunStatus } from "../../core/training/runRecord.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { errorCode } from "../base/fileErrors.ts";

const LAST_RETRY_MS = 1_000;
const LAST_ATTEMPTS = 600;

/** Writes status.json one version at a time; of several that wait, only the newest. */
export class StatusWriter {
  readonly #path: string;
  #waiting: RunStatus | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Never fails: the next heartbeat writes again, and a training must not end because a disk is full. */
  write(status: RunStatus): void {
    this.#waiting = status;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes this version after everything before it; rejects when the file cannot be written. */
  async writeNow(status: RunStatus): Promise<void> {
    this.#waiting = undefined;
    await this.#writing;
    await replaceStatus(this.#path, renderRunStatus(status));
  }

  /** Writes how the run ended: without it the run would count as lost, so a disk that is full for a while is waited for. */
  async writeLast(status: RunStatus): Promise<void> {
    for (let attempt = 1; attempt <= LAST_ATTEMPTS; attempt++) {
      try {
        await this.writeNow(status);
        return;
      } catch (error) {
        if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) {
          return;
        }
        await delay(LAST_RETRY_MS);
      }
    }
  }

  async #drain(): Promise<void> {
    while (this.#waiting !== undefined) {
      const status = this.#waiting;
      this.#waiting = undefined;
      await replaceStatus(this.#path, renderRunStatus(status)).catch(() => undefined);
    }
  }
}

const NO_NEW_FILE = new Set(["ENOSPC", "EDQUOT", "EACCES", "EPERM"]);

async function replaceStatus(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomically(path, text);
  } catch (error) {
    if (!NO_NEW_FILE.has(errorCode(error) ?? "")) {
      throw error;
    }
    await overwrite(path, text);
  }
}

/** On a full disk there is no room for a second file, and in a folder that is read-only no place; the old one may take it still. */
async function overwrite(path: string, text: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    const bytes = Buffer.from(text);
    // Spaces instead of a shorter file: one write, so that a reader never meets new text with an old tail.
    await file.write(Buffer.concat([bytes, Buffer.alloc(Math.max(0, size - bytes.length), " ")]), 0, undefined, 0);
  } finally {
    await file.close();
  }
}
