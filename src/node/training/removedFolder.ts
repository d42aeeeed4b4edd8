import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { RunRecord } from "../../core/training/runRecord.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";
import { acquireOwnerLock } from "./ownerLock.ts";
import { runFiles, writeRunRecord } from "./runFolder.ts";
import { prepareTrainyardFolder } from "./runLedger.ts";

/** Who removes a folder is not finished at once, and must not find new files in it. */
const PATIENCE_MS = 1_000;
const LOOK_MS = 500;

/** Writes the record of a run anew when somebody has removed its folder: a training that nobody sees, nobody can stop. */
export class RemovedFolder {
  readonly #folder: string;
  readonly #record: RunRecord;
  #missingSinceMs: number | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(folder: string, record: RunRecord) {
    this.#folder = folder;
    this.#record = record;
  }

  /** To be called now and then; true when the folder was gone and is there again. */
  async restore(nowMs: number): Promise<boolean> {
    if (nowMs - this.#lookedAtMs < LOOK_MS) {
      return false;
    }
    this.#lookedAtMs = nowMs;
    if (existsSync(runFiles(this.#folder).record)) {
      this.#missingSinceMs = undefined;
      return false;
    }
    this.#missingSinceMs ??= nowMs;
    if (nowMs - this.#missingSinceMs < PATIENCE_MS) {
      return false;
    }
    // While this one works, another call has to wait.
    this.#missingSinceMs = nowMs;
    try {
      await this.#write();
      return true;
    } catch (error) {
      // The next look tries again.
      passOverFileErrors(error);
      return false;
    }
  }

  async #write(): Promise<void> {
    // <workspace>/.trainyard/runs/<id>; a workspace folder that is gone does not come back.
    await prepareTrainyardFolder(join(this.#folder, "../../.."));
    await mkdir(this.#folder, { recursive: true });
    await acquireOwnerLock(this.#folder);
    await writeRunRecord(this.#folder, this.#record);
  }
}
