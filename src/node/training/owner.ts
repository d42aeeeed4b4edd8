import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { describeRunEnd } from "../../core/training/describeRun.ts";
import type { RunRecord, RunStatus } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { watchdogLimitsSchema } from "../../core/training/watchdog/alarm.ts";
import { Watchdog } from "../../core/training/watchdog/watchdog.ts";
import { errorCode } from "../base/fileErrors.ts";
import { countMemoryKills } from "../base/memoryKills.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { identifyProcess } from "../base/processIdentity.ts";
import { listGroupProcesses, signalGroup, trySignal } from "../base/processTree.ts";
import { type LogEnd, readLogEnd } from "./logEnd.ts";
import { LogWriter } from "./logWriter.ts";
import { OutputRecorder } from "./outputRecorder.ts";
import { OwnerGuard } from "./ownerGuard.ts";
import { acquireOwnerLock } from "./ownerLock.ts";
import { ResourceSampler } from "./resourceSampler.ts";
import { readRunRecord, readRunStatus, runFiles } from "./runFolder.ts";
import { holdingGpus } from "./runLeases.ts";
import { awaitTurn } from "./runQueue.ts";
import { StatusWriter } from "./statusWriter.ts";
import { readStopRequest } from "./stopRequest.ts";
import { type StopSignal, StopStages } from "./stopStages.ts";
import { adoptTraining, launchTraining, markerOf, type TrainingEnd, type TrainingProcess } from "./trainingProcess.ts";

const TICK_MS = 250;
const HEARTBEAT_MS = 3_000;
const PROGRESS_INTERVAL_MS = 1_000;
/** What a program printed just before its end is still in the pipe; a worker that lives on may hold it open for ever. */
const PIPE_CLOSE_MS = 1_000;
/** Data-loader workers notice within a second or two that their parent is gone. */
const LEFTOVER_GRACE_MS = 2_000;
const LEFTOVER_POLL_MS = 100;
const LAST_STATUS_RETRY_MS = 1_000;
const LAST_STATUS_ATTEMPTS = 600;

/** How the owner process ends; the process that started it has no other way to hear why there is no status. */
export const OWNER_EXIT = { done: 0, alreadyOwned: 3, cannotWrite: 4, unreadableRun: 5 } as const;

/**
 * Owns one training from its start, or from the death of its owner, to its end: records what it prints and how far it
 * is, stops it when asked, and writes how it ended. Resolves with the exit code for its own process.
 */
export async function ownRun(folder: string, supervisorPath: string): Promise<number> {
  let record: RunRecord;
  let status: RunStatus | undefined;
  try {
    record = await readRunRecord(folder);
    if (!(await acquireOwnerLock(folder))) {
      return OWNER_EXIT.alreadyOwned;
    }
    status = await readRunStatus(folder);
  } catch (error) {
    return error instanceof UserError ? OWNER_EXIT.unreadableRun : OWNER_EXIT.cannotWrite;
  }
  const orphan = status && !hasEnded(status.state) ? adoptTraining(record, status) : undefined;
  const isWaiting = orphan === undefined && record.wait !== undefined && (status ?? NEW).state === "waiting";
  if (status !== undefined && orphan === undefined && !isWaiting) {
    return OWNER_EXIT.alreadyOwned;
  }
  if (isWaiting) {
    const turn = await awaitTurn(folder, record, supervisorPath);
    if (turn.kind !== "start") {
      return turn.kind === "stopped" ? OWNER_EXIT.done : OWNER_EXIT.cannotWrite;
    }
    record = turn.record;
  }
  const logged = orphan || isWaiting ? await readLogEnd(runFiles(folder).log) : undefined;
  const inherited = isWaiting ? undefined : status;
  return holdingGpus(record, (leaseProblem) => {
    const owner = new RunOwner({ folder, record, supervisorPath, leaseProblem, inherited, logged });
    return orphan === undefined ? owner.own() : owner.takeOver(orphan);
  });
}

/** A run that nobody has owned yet waits first, if it has to wait at all. */
const NEW: Pick<RunStatus, "state"> = { state: "waiting" };

/** What an owner starts from; `inherited` and `logged` are what a dead one left. */
type OwnerStart = {
  folder: string;
  record: RunRecord;
  supervisorPath: string;
  leaseProblem: string | undefined;
  inherited: RunStatus | undefined;
  logged: LogEnd | undefined;
};

class RunOwner {
  readonly #folder: string;
  readonly #record: RunRecord;
  readonly #supervisorPath: string;
  readonly #leaseProblem: string | undefined;
  readonly #log: LogWriter;
  readonly #watchdog: Watchdog;
  readonly #sampler: ResourceSampler;
  readonly #output: OutputRecorder;
  readonly #statusWriter: StatusWriter;
  readonly #stop: StopStages;
  #status: RunStatus;
  readonly #memoryKillsBefore = countMemoryKills();
  #hasTrainingEnded = false;
  #ownProblem: string | undefined;
  #statusAtMs = Number.NEGATIVE_INFINITY;

  constructor({ folder, record, supervisorPath, leaseProblem, inherited, logged }: OwnerStart) {
    this.#folder = folder;
    this.#record = record;
    this.#supervisorPath = supervisorPath;
    this.#leaseProblem = leaseProblem;
    const files = runFiles(folder);
    this.#log = new LogWriter(files.log, { limitMiB: record.logLimitMiB, after: logged });
    this.#watchdog = new Watchdog(watchdogLimitsSchema.parse(record.watchdog ?? {}), inherited?.alarms);
    this.#sampler = new ResourceSampler(record.plan, folder);
    this.#output = new OutputRecorder(this.#log, this.#watchdog, inherited?.restarts);
    this.#statusWriter = new StatusWriter(files.status);
    this.#stop = new StopStages(record.stopGraceMs);
    this.#status = {
      schemaVersion: 1,
      state: "starting",
      ...inherited,
      supervisor: identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" },
      heartbeatAt: new Date().toISOString(),
    };
  }

  /** Starts the training and stays with it. */
  async own(): Promise<number> {
    this.#takeSignals();
    try {
      await this.#statusWriter.writeNow(this.#status);
    } catch {
      return OWNER_EXIT.cannotWrite;
    }
    await this.#pollStop();
    if (this.#stop.isAsked) {
      return this.#finish({ state: "stopped" });
    }
    let training: TrainingProcess;
    try {
      training = await launchTraining(this.#record);
    } catch (error) {
      this.#ownProblem = messageOf(error);
      return this.#finish({ state: "failed" });
    }
    const identity = identifyProcess(training.pid);
    this.#update({
      state: "running",
      startedAt: new Date().toISOString(),
      ...(identity === undefined ? {} : { training: identity }),
    });
    this.#log.note(`Started as process ${training.pid}: ${this.#record.plan.command.join(" ")}`);
    if (this.#leaseProblem !== undefined) {
      this.#log.note(this.#leaseProblem);
    }
    return this.#watch(training);
  }

  /** Stays with a training whose owner was killed. */
  async takeOver(orphan: TrainingProcess): Promise<number> {
    this.#takeSignals();
    const request = await readStopRequest(this.#folder);
    if (request?.level === "graceful") {
      // The first signal was sent by whoever read the request before; for many programs a second one means "at once".
      this.#stop.ask(request, monotonicMs());
      this.#stop.next(monotonicMs());
    }
    this.#update({ state: this.#stop.isAsked ? "stopping" : "running" });
    this.#log.note(
      `The supervisor of this run was killed and another one took over; process ${orphan.pid} trained on meanwhile.`,
    );
    return this.#watch(orphan);
  }

  #takeSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => this.#stop.ask({ level: "graceful" }, monotonicMs()));
    }
    process.on("SIGHUP", () => undefined);
    // A mistake of ours must not end a training that has run for days: it goes on, and the status says so.
    process.on("uncaughtException", (error) => {
      this.#ownProblem = `The supervisor met an internal error and went on: ${messageOf(error)}.`;
    });
  }

  async #watch(training: TrainingProcess): Promise<number> {
    const guard = new OwnerGuard(this.#folder, this.#supervisorPath);
    const closed = Promise.all([closeOf(training.stdout), closeOf(training.stderr)]);
    this.#output.record(training.stdout);
    this.#output.record(training.stderr);
    const timer = setInterval(() => this.#tick(training), TICK_MS);
    const end = await training.ended;
    this.#hasTrainingEnded = true;
    const endedAt = new Date().toISOString();
    await Promise.race([closed, delay(PIPE_CLOSE_MS, undefined, { ref: false })]);
    await this.#endLeftovers(training.pid);
    clearInterval(timer);
    this.#output.end();
    await guard.release();
    return this.#finish({ state: this.#stop.isAsked ? "stopped" : stateAfter(end), endedAt, ...end });
  }

  #tick(training: TrainingProcess): void {
    const nowMs = monotonicMs();
    this.#output.flush();
    this.#log.retry(nowMs);
    void this.#pollStop().then(() => this.#sendDueSignal(training, monotonicMs()));
    const disk = this.#sampler.sample(training.pid, nowMs);
    const hasAlarm = this.#watchdog.observe({ kind: "look", atMs: Date.now(), isBusy: this.#sampler.isBusy, disk });
    const age = nowMs - this.#statusAtMs;
    if (hasAlarm || age >= HEARTBEAT_MS || (age >= PROGRESS_INTERVAL_MS && this.#output.takeNewProgress())) {
      this.#update({});
    }
  }

  async #pollStop(): Promise<void> {
    const request = await readStopRequest(this.#folder);
    if (request !== undefined) {
      this.#stop.ask(request, monotonicMs());
    }
  }

  #sendDueSignal({ pid }: TrainingProcess, nowMs: number): void {
    const signal = this.#stop.next(nowMs);
    if (signal === undefined || this.#hasTrainingEnded) {
      return;
    }
    this.#log.note(stopNote(signal, this.#stop.graceMs));
    this.#watchdog.end();
    this.#update({ state: "stopping" });
    if (signal === "SIGKILL") {
      this.#killEverything(pid);
    } else {
      signalGroup(pid, signal);
    }
  }

  #killEverything(groupId: number): void {
    const members = listGroupProcesses(groupId, markerOf(this.#record.id));
    signalGroup(groupId, "SIGKILL");
    for (const pid of members) {
      trySignal(pid, "SIGKILL");
    }
  }

  /** A worker that outlives its training would keep the memory of the GPU. */
  async #endLeftovers(groupId: number): Promise<void> {
    const marker = markerOf(this.#record.id);
    const graceMs = Math.min(this.#stop.graceMs, LEFTOVER_GRACE_MS);
    for (const signal of [undefined, "SIGTERM", "SIGKILL"] as const) {
      const left = listGroupProcesses(groupId, marker);
      if (left.length > 0 && signal !== undefined) {
        this.#log.note(`The training has ended but left processes behind (${left.join(", ")}); they get ${signal}.`);
        for (const pid of left) {
          trySignal(pid, signal);
        }
      }
      const deadlineMs = monotonicMs() + graceMs;
      while (listGroupProcesses(groupId, marker).length > 0 && monotonicMs() < deadlineMs) {
        await delay(LEFTOVER_POLL_MS);
      }
    }
  }

  #update(change: Partial<RunStatus>): void {
    this.#status = this.#composeStatus(change);
    this.#statusAtMs = monotonicMs();
    this.#statusWriter.write(this.#status);
  }

  #composeStatus(change: Partial<RunStatus>): RunStatus {
    const { problem: _outdated, ...rest } = this.#status;
    const problem = [this.#leaseProblem, this.#ownProblem, this.#log.problem]
      .filter((text) => text !== undefined)
      .join(" ");
    const progress = this.#output.progress;
    const { restarts } = this.#output;
    const { alarms } = this.#watchdog;
    const resources = this.#sampler.latest;
    const log = this.#log.layout;
    return {
      ...rest,
      ...change,
      heartbeatAt: new Date().toISOString(),
      ...(progress === undefined ? {} : { progress }),
      ...(restarts === undefined ? {} : { restarts }),
      ...(alarms.length === 0 ? {} : { alarms: [...alarms] }),
      ...(resources === undefined ? {} : { resources }),
      ...(log === undefined ? {} : { log }),
      ...(problem === "" ? {} : { problem }),
    };
  }

  /** The log is complete before the status says that the run has ended: readers stop reading then. */
  async #finish(end: Partial<RunStatus> & Pick<RunStatus, "state">): Promise<number> {
    const explanation = end.state === "failed" ? this.#output.explanation : undefined;
    const change: Partial<RunStatus> = {
      endedAt: new Date().toISOString(),
      ...end,
      ...(explanation === undefined ? {} : { failure: explanation }),
      ...(end.state === "failed" ? this.#memoryKills() : {}),
    };
    const status = this.#composeStatus(change);
    this.#log.note(describeRunEnd({ record: this.#record, status, state: status.state, folder: this.#folder }));
    await this.#log.close();
    await this.#writeLastStatus(this.#composeStatus(change));
    return OWNER_EXIT.done;
  }

  /** What the kernel's count says about a SIGKILL. */
  #memoryKills(): Pick<RunStatus, "memoryKills"> {
    const now = countMemoryKills();
    const before = this.#memoryKillsBefore;
    return now === undefined || before === undefined ? {} : { memoryKills: Math.max(0, now - before) };
  }

  /** Without it the run would count as lost, so a disk that is full for a while is waited for. */
  async #writeLastStatus(status: RunStatus): Promise<void> {
    for (let attempt = 1; attempt <= LAST_STATUS_ATTEMPTS; attempt++) {
      try {
        await this.#statusWriter.writeNow(status);
        return;
      } catch (error) {
        if (errorCode(error) === "ENOENT") {
          return;
        }
        await delay(LAST_STATUS_RETRY_MS);
      }
    }
  }
}

/** `lost`: it has ended, and how was told to an owner that is dead. */
function stateAfter({ exitCode, signal }: TrainingEnd): RunStatus["state"] {
  if (exitCode === undefined && signal === undefined) {
    return "lost";
  }
  return exitCode === 0 ? "finished" : "failed";
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once("close", () => resolve());
  });
}

function stopNote(signal: StopSignal, graceMs: number): string {
  const patience = `it has ${graceMs / 1000} s before the next step`;
  const notes: Readonly<Record<StopSignal, string>> = {
    SIGINT: `A stop was asked: the training gets SIGINT; ${patience}.`,
    SIGTERM: `The training is still there and gets SIGTERM; ${patience}.`,
    SIGKILL: "The training is ended at once with SIGKILL.",
  };
  return notes[signal];
}
