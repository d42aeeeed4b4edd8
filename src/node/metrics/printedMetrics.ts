import { open } from "node:fs/promises";
import { ConsoleLog } from "../../core/metrics/consoleLog.ts";
import type { Series } from "../../core/metrics/series.ts";
import { createLogReader, SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { errorCode } from "../base/fileErrors.ts";

const CHUNK_BYTES = 1 << 20;

/** The curves in what a training printed, of which each update reads what was added to the supervisor's log. */
export class PrintedMetrics {
  readonly #log = new ConsoleLog();
  readonly #lines = createLogReader();
  #offset = 0;

  get series(): readonly Series[] {
    return this.#log.table.all();
  }

  async update(path: string): Promise<void> {
    const handle = await openOrNothing(path);
    if (handle === undefined) {
      return;
    }
    try {
      const { size } = await handle.stat();
      while (this.#offset < size) {
        const buffer = new Uint8Array(Math.min(CHUNK_BYTES, size - this.#offset));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#offset);
        if (bytesRead === 0) {
          break;
        }
        this.#offset += bytesRead;
        for (const { text, end, time } of this.#lines.push(buffer.subarray(0, bytesRead))) {
          // The supervisor's own last line says the last values once more.
          if (end !== "return" && !text.startsWith(SUPERVISOR_PREFIX)) {
            this.#log.addLine(text, time === undefined ? Number.NaN : Date.parse(time));
          }
        }
      }
    } finally {
      await handle.close();
    }
  }
}

async function openOrNothing(path: string) {
  try {
    return await open(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
