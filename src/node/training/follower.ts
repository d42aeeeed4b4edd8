import { once } from "node:events";
import { stat } from "node:fs/promises";
import { constants } from "node:os";
import type { Writable } from "node:stream";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { renderBytes } from "../../core/base/renderBytes.ts";
import { describeRunEnd } from "../../core/training/describeRun.ts";
import { describeMissingLines } from "../../core/training/logParts.ts";
import { createLogPainter, type LogLine, SUPERVISOR_PREFIX } from "../../core/training/runLog.ts";
import { hasReachedLastEpoch } from "../../core/training/runProgress.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { activeAlarms, describeAlarm } from "../../core/training/watchdog/alarm.ts";
import { FileWaker } from "../base/fileWaker.ts";
import { readLogParts } from "../base/logFiles.ts";
import { LogTail } from "../base/logTail.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { runFiles } from "./runFolder.ts";
import { readRun, type UnreadableRun } from "./runLedger.ts";

const POLL_MS = 250;
/** A folder that was removed is made anew by the owner of the run, where that can be. */
const RETURN_MS = 5_000;
/** A status that is unreadable for longer than this was not merely being replaced. */
const MAX_FAILED_READS = 20;

/** Prints the log of a run whose other files are damaged, and says so behind it. */
export async function printLog({ folder, reason }: UnreadableRun, terminal: Terminal): Promise<number> {
  const painter = createLogPainter(terminal);
  const tail = new LogTail(runFiles(folder).log);
  for (let lines = await tail.next(); lines.length > 0; lines = await tail.next()) {
    terminal.out.write(lines.map((line) => painter.paint(line)).join(""));
  }
  terminal.out.write(`${painter.end()}${SUPERVISOR_PREFIX}${reason}\n`);
  return 1;
}

export type Terminal = { out: Writable; isTerminal: boolean };

/** Prints the log of a run and what is added to it, until the run has ended. */
export class RunFollower {
  readonly #folder: string;
  readonly #terminal: Terminal;
  readonly #tail: LogTail;
  readonly #painter: ReturnType<typeof createLogPainter>;
  #lastText = "";
  readonly #toldAlarms = new Set<string>();
  #run: Run;

  constructor(run: Run, terminal: Terminal) {
    this.#folder = run.folder;
    this.#terminal = terminal;
    this.#tail = new LogTail(runFiles(run.folder).log);
    this.#painter = createLogPainter(terminal);
    this.#run = run;
  }

  /** The run as it was last read. */
  get run(): Run {
    return this.#run;
  }

  /** A line of our own between those of the training. */
  async say(text: string): Promise<void> {
    await this.#write(`${this.#painter.end()}${SUPERVISOR_PREFIX}${text}\n`);
  }

  /** Leaves out all but the last part of a long log. */
  async skipTo(lastBytes: number): Promise<void> {
    const skipped = await this.#tail.skipTo(lastBytes);
    if (skipped > 0) {
      const { log } = runFiles(this.#folder);
      const parts = await readLogParts(log);
      const count = parts?.parts.length ?? 1;
      const more = count === 1 ? "" : ` and its other parts beside it, ${count} files in all`;
      const missing = describeMissingLines(parts?.missing);
      await this.say(`Earlier output is in ${log}${more}${missing === undefined ? "" : `. ${missing}`}`);
    }
  }

  /** Prints what is there now. */
  async printPresent(): Promise<void> {
    for (let lines = await this.#tail.next(); lines.length > 0; lines = await this.#tail.next()) {
      await this.#print(lines);
    }
    await this.#write(this.#painter.end());
  }

  /** Resolves with the exit code of the training once it has ended and everything is printed. */
  async follow(): Promise<number> {
    using waker = new FileWaker(this.#folder, POLL_MS);
    if (this.#run.state === "orphaned") {
      await this.say(describeRunEnd(this.#run));
    }
    let failedReads = 0;
    let goneSinceMs: number | undefined;
    for (;;) {
      try {
        const run = await readRun(this.#folder);
        // A folder that is being removed may have lost its status and still hold its record.
        if (run.status.supervisor !== undefined || this.#run.status.supervisor === undefined) {
          this.#run = run;
        }
        failedReads = 0;
        goneSinceMs = undefined;
      } catch (error) {
        failedReads += 1;
        const isGone = await this.#isFolderGone();
        goneSinceMs = isGone ? (goneSinceMs ?? monotonicMs()) : undefined;
        if (goneSinceMs !== undefined && monotonicMs() - goneSinceMs > RETURN_MS) {
          return this.#endWithoutFolder();
        }
        if (!isGone && failedReads > MAX_FAILED_READS) {
          throw new UserError(messageOf(error), { cause: error });
        }
      }
      // The log is complete before the status says "ended": read in this order, nothing is missed.
      const isOver = failedReads === 0 && hasEnded(this.#run.state);
      const lines = await this.#tail.next();
      if (lines.length > 0) {
        await this.#print(lines);
      }
      if (!isOver) {
        await this.#tellAlarms();
      }
      if (lines.length > 0) {
        continue;
      }
      if (isOver) {
        return this.#end();
      }
      await waker.wait();
    }
  }

  /** What the watchdog has noticed, each thing once, behind the lines that prove it. */
  async #tellAlarms(): Promise<void> {
    const { alarms, log } = this.#run.status;
    for (const alarm of activeAlarms(alarms)) {
      const key = `${alarm.kind} ${alarm.raisedAt}`;
      if (!this.#toldAlarms.has(key)) {
        this.#toldAlarms.add(key);
        await this.say(describeAlarm(alarm, log));
      }
    }
  }

  /** What is wrong with a run that has ended, unless its last line has said so. */
  async sayProblem(): Promise<void> {
    const { problem } = this.#run.status;
    if (problem !== undefined && !this.#lastText.includes(problem)) {
      await this.say(problem);
    }
  }

  /** Names what was printed behind the end of the run, where there is any. */
  async sayLeftOutput(): Promise<void> {
    const { leftOutput } = runFiles(this.#folder);
    const size = (await stat(leftOutput).catch(() => undefined))?.size ?? 0;
    if (size > 0) {
      await this.say(`What it left running has printed ${renderBytes(size)} since it ended, to ${leftOutput}.`);
    }
  }

  async #end(): Promise<number> {
    const sentence = describeRunEnd(this.#run);
    if (this.#lastText !== SUPERVISOR_PREFIX + sentence) {
      await this.say(sentence);
    }
    return exitCodeOf(this.#run);
  }

  async #isFolderGone(): Promise<boolean> {
    return (await stat(runFiles(this.#folder).record).catch(() => undefined)) === undefined;
  }

  async #endWithoutFolder(): Promise<number> {
    const pid = this.#run.status.supervisor?.pid;
    const howToStop = pid === undefined ? "" : ` To stop it: kill -INT ${pid}`;
    await this.say(
      `The folder of this run was removed and cannot be made anew, so nothing more can be shown. The training goes on.${howToStop}`,
    );
    return 1;
  }

  async #print(lines: readonly LogLine[]): Promise<void> {
    this.#lastText = lines.at(-1)?.text ?? this.#lastText;
    await this.#write(lines.map((line) => this.#painter.paint(line)).join(""));
  }

  async #write(text: string): Promise<void> {
    if (text !== "" && !this.#terminal.out.write(text)) {
      await once(this.#terminal.out, "drain");
    }
  }
}

/** What a shell would report for the training: its exit code, or 128 and the number of the signal that ended it. */
function exitCodeOf({ state, status }: Run): number {
  if (status.exitCode !== undefined) {
    return status.exitCode;
  }
  const signal = status.signal;
  if (signal !== undefined) {
    return 128 + (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0);
  }
  const codes: Readonly<Partial<Record<Run["state"], number>>> = { failed: 127, stopped: 130, finished: 0 };
  return codes[state] ?? (isBackgroundDone(status) ? 0 : 1);
}

/**
 * Of what goes on in the background only the exit code of its command was heard, which was 0. That it ended well is said by its
 * output alone: the last epoch, and no failure. Where something of it had to be ended, its `problem` tells.
 */
function isBackgroundDone({ isInBackground, diagnosis, progress, problem }: Run["status"]): boolean {
  const isWell = (diagnosis?.cause ?? "unknown") === "unknown" && problem === undefined;
  return isInBackground === true && isWell && hasReachedLastEpoch(progress);
}
