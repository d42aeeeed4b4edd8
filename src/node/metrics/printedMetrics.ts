import { ConsoleLog } from "../../core/metrics/consoleLog.ts";
import type { Series } from "../../core/metrics/series.ts";
import { SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { RestartWatch } from "../../core/training/workerRestarts.ts";
import { LogTail } from "../base/logTail.ts";

/** The curves in what a training printed, of which each update reads what was added to the supervisor's log. */
export class PrintedMetrics {
  readonly #log = new ConsoleLog();
  readonly #restarts = new RestartWatch();
  #lines = 0;
  #tail: LogTail | undefined;

  get series(): readonly Series[] {
    return this.#log.table.all();
  }

  /** `path`: the first part of the log, the same each time. */
  async update(path: string): Promise<void> {
    this.#tail ??= new LogTail(path);
    for (let lines = await this.#tail.next(); lines.length > 0; lines = await this.#tail.next()) {
      for (const { text, end, time } of lines) {
        // The supervisor's own last line says the last values once more.
        if (text.startsWith(SUPERVISOR_PREFIX)) {
          continue;
        }
        this.#lines += 1;
        if (this.#restarts.push(text, this.#lines) === "restart") {
          this.#log.noteRestart();
        }
        // In what a shell redirected to a file, the states of a progress bar stand in one line.
        const states = text.split("\r");
        for (const [index, state] of states.entries()) {
          const isPaintedOver = end === "return" || index < states.length - 1;
          this.#log.addLine(state, time === undefined ? Number.NaN : Date.parse(time), isPaintedOver);
        }
      }
    }
  }
}
