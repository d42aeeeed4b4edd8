import { basename, dirname, join } from "node:path";
import { messageOf, UserError } from "../../core/base/errors.ts";
import { describeRunEnd } from "../../core/training/describeRun.ts";
import { chooseFreeGpus, type DeviceChoice, grantableGpus, whyNoneGrantable } from "../../core/training/gpuChoice.ts";
import { type Ahead, type Candidates, cpuSlotNames, NO_DEVICE } from "../../core/training/runQueue.ts";
import type { RunRecord, RunStatus } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { describeWaiting, type WaitingFor } from "../../core/training/runWait.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { FileWaker } from "../base/fileWaker.ts";
import { monotonicMs } from "../base/monotonicClock.ts";
import { identifyProcess } from "../base/processIdentity.ts";
import { listGpuLeases } from "./gpuLease.ts";
import { watchGpus } from "./gpuLooks.ts";
import { deviceEnvironment } from "./gpuQuery.ts";
import { readLogEnd } from "./logEnd.ts";
import { LogWriter } from "./logWriter.ts";
import { OwnerGuard } from "./ownerGuard.ts";
import { findAhead, leaveQueue, queueUp } from "./queueTickets.ts";
import { runFiles, writeRunRecord } from "./runFolder.ts";
import { leaseAll, userLeases } from "./runLeases.ts";
import { readRun } from "./runLedger.ts";
import { StatusWriter } from "./statusWriter.ts";
import { readStopRequest } from "./stopRequest.ts";

/** How soon a free device or the end of another run is noticed; a stop wakes the waiting run at once. */
const LOOK_MS = 1_000;
/** `nvidia-smi` costs up to a second of a CPU and is asked no more often than this. */
const GPU_LOOK_MS = 5_000;
const HEARTBEAT_MS = 10_000;

export type Turn = { kind: "start"; record: RunRecord } | { kind: "stopped" } | { kind: "cannotWrite" };

/**
 * Waits until a run may start, and takes the devices it waited for: the record that comes back names them, and so does
 * `run.json`. The leases are this process's own then. Whoever is killed meanwhile is replaced and keeps the place in the line.
 */
export async function awaitTurn(folder: string, record: RunRecord, supervisorPath: string): Promise<Turn> {
  const waiting = new WaitingRun(folder, record, await readLogEnd(runFiles(folder).log));
  if (!(await waiting.announce())) {
    return { kind: "cannotWrite" };
  }
  const guard = new OwnerGuard(folder, supervisorPath);
  try {
    return await waiting.wait();
  } finally {
    await guard.release();
  }
}

class WaitingRun {
  readonly #folder: string;
  readonly #record: RunRecord;
  readonly #log: LogWriter;
  readonly #status: StatusWriter;
  readonly #queue: DeviceQueue;
  #waitingFor: WaitingFor | undefined;
  #problem: string | undefined;
  #statusAtMs = Number.NEGATIVE_INFINITY;
  #isStopAsked = false;

  constructor(folder: string, record: RunRecord, after: Awaited<ReturnType<typeof readLogEnd>>) {
    this.#folder = folder;
    this.#record = record;
    this.#log = new LogWriter(runFiles(folder).log, { limitMiB: record.logLimitMiB, after });
    this.#status = new StatusWriter(runFiles(folder).status);
    this.#queue = new DeviceQueue(record);
  }

  /** Says that somebody owns the run; false where the folder cannot be written. */
  async announce(): Promise<boolean> {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        this.#isStopAsked = true;
      });
    }
    process.on("SIGHUP", () => undefined);
    // Before anybody hears of this run: of runs that are started one after the other, the first shall be the first.
    if (this.#record.wait?.after === undefined) {
      await this.#queue.join().catch((error: unknown) => this.#noteQueueProblem(error));
    }
    try {
      await this.#status.writeNow(this.#compose());
      return true;
    } catch {
      return false;
    }
  }

  async wait(): Promise<Turn> {
    using waker = new FileWaker(this.#folder, LOOK_MS);
    try {
      while (!(await this.#isAskedToStop())) {
        const record = await this.#look();
        if (record !== undefined) {
          return { kind: "start", record };
        }
        await waker.wait();
      }
      await this.#end();
      return { kind: "stopped" };
    } finally {
      await this.#queue.leave().catch((error: unknown) => this.#noteQueueProblem(error));
      await this.#log.close();
    }
  }

  /** The record to start with when the turn has come. */
  async #look(): Promise<RunRecord | undefined> {
    const { after } = this.#record.wait ?? {};
    if (after !== undefined && !(await this.#hasEnded(after))) {
      this.#tell({ kind: "run", runId: after });
      return undefined;
    }
    try {
      const turn = await this.#queue.take();
      this.#problem = undefined;
      if (turn.kind === "go") {
        return await this.#accept(turn);
      }
      this.#tell(turn.waitingFor);
    } catch (error) {
      this.#noteQueueProblem(error);
      this.#tell(this.#waitingFor);
    }
    return undefined;
  }

  /** A line that cannot be joined holds the run up, and its status says why: without one, all would start at once. */
  #noteQueueProblem(error: unknown): void {
    if (error instanceof UserError) {
      this.#problem = error.message;
      return;
    }
    if (errorCode(error) === undefined) {
      throw error;
    }
    this.#problem = `The queue in ${userLeases().folder} cannot be used: ${describeFileError(error)}.`;
  }

  async #accept({ choice, slot }: Granted): Promise<RunRecord> {
    const { plan } = this.#record;
    const device = choice === undefined ? {} : { device: choice.device };
    const environment = { ...plan.environment, ...choice?.environment };
    const record = {
      ...this.#record,
      plan: { ...plan, ...device, environment },
      ...(slot === undefined ? {} : { slot }),
    };
    try {
      await writeRunRecord(this.#folder, record);
    } catch (error) {
      // The training matters more than the note of where it runs.
      this.#log.note(`run.json does not say on which device this runs: ${messageOf(error)}`);
    }
    this.#log.note(choice === undefined ? "Its turn has come." : `Its turn has come: ${gpuNames(choice)}.`);
    return record;
  }

  /** A run whose folder is gone has ended for whoever waits for it. */
  async #hasEnded(runId: string): Promise<boolean> {
    try {
      return hasEnded((await readRun(join(dirname(this.#folder), basename(runId)))).state);
    } catch (error) {
      if (error instanceof UserError) {
        this.#log.note(`Run ${runId} cannot be waited for: ${error.message}`);
        return true;
      }
      throw error;
    }
  }

  async #isAskedToStop(): Promise<boolean> {
    return this.#isStopAsked || (await readStopRequest(this.#folder)) !== undefined;
  }

  #tell(waitingFor: WaitingFor | undefined): void {
    const before = describeWaiting(this.#waitingFor);
    const now = describeWaiting(waitingFor);
    this.#waitingFor = waitingFor;
    if (now !== before) {
      this.#log.note(`This run is ${now}.`);
    }
    if (now !== before || monotonicMs() - this.#statusAtMs >= HEARTBEAT_MS) {
      this.#statusAtMs = monotonicMs();
      this.#status.write(this.#compose());
    }
  }

  async #end(): Promise<void> {
    const status: RunStatus = { ...this.#compose(), state: "stopped", endedAt: new Date().toISOString() };
    this.#log.note(describeRunEnd({ record: this.#record, status, state: "stopped", folder: this.#folder }));
    await this.#log.close();
    await this.#status.writeNow(status);
  }

  #compose(): RunStatus {
    return {
      schemaVersion: 1,
      state: "waiting",
      supervisor: identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" },
      heartbeatAt: new Date().toISOString(),
      ...(this.#waitingFor === undefined ? {} : { waitingFor: this.#waitingFor }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }
}

type Granted = { choice?: DeviceChoice; slot?: string };

type Answer = ({ kind: "go" } & Granted) | { kind: "wait"; waitingFor: WaitingFor };

/** The line for the devices of this machine, as one run sees it. */
class DeviceQueue {
  readonly #record: RunRecord;
  #gpus: readonly string[] = [];
  #joinedAtMs = Number.NEGATIVE_INFINITY;
  #gpuLookAtMs = Number.NEGATIVE_INFINITY;
  #leasedAtLook = "";
  #gpuProblem: string | undefined;

  constructor(record: RunRecord) {
    this.#record = record;
  }

  /** Takes a place, and again now and then: a rival may have cleared it away with the owner that was killed. */
  async join(): Promise<void> {
    const { gpus, cpuSlots } = this.#record.wait ?? {};
    const nowMs = monotonicMs();
    if ((gpus !== undefined || cpuSlots !== undefined) && nowMs - this.#joinedAtMs >= HEARTBEAT_MS) {
      await queueUp(this.#record, this.#candidates());
      this.#joinedAtMs = nowMs;
    }
  }

  #candidates(): Candidates {
    const { gpus, cpuSlots = 0 } = this.#record.wait ?? {};
    return gpus === undefined
      ? { kind: "cpu", devices: cpuSlotNames(cpuSlots) }
      : { kind: "gpu", devices: [...this.#gpus] };
  }

  async take(): Promise<Answer> {
    const { gpus, cpuSlots } = this.#record.wait ?? {};
    if (gpus === undefined && cpuSlots === undefined) {
      return { kind: "go" };
    }
    await this.join();
    const candidates = this.#candidates();
    const { count: ahead, isKept } = await findAhead(this.#record, candidates);
    const granted =
      gpus === undefined
        ? await this.#takeSlot(candidates.devices.filter((slot) => !isKept(slot)))
        : await this.#takeGpus(gpus, isKept);
    if (granted !== undefined) {
      return { kind: "go", ...granted };
    }
    const problem = this.#gpuProblem === undefined ? {} : { problem: this.#gpuProblem };
    const waitingFor: WaitingFor =
      gpus === undefined ? { kind: "cpu", ahead } : { kind: "gpu", count: gpus, ahead, ...problem };
    return { kind: "wait", waitingFor };
  }

  leave(): Promise<void> {
    return leaveQueue(this.#record);
  }

  async #takeSlot(slots: readonly string[]): Promise<Granted | undefined> {
    for (const slot of slots) {
      if (await leaseAll(this.#record, [slot])) {
        return { slot };
      }
    }
    return undefined;
  }

  async #takeGpus(count: number, isKept: Ahead["isKept"]): Promise<Granted | undefined> {
    const { folder, isAlive } = userLeases();
    const leases = await listGpuLeases(folder, isAlive);
    const isTaken = (gpu: string) => isKept(gpu) || leases.some(({ uuid }) => uuid === gpu);
    const isEachTaken = this.#gpus.length > 0 && this.#gpus.every(isTaken);
    const nowMs = monotonicMs();
    // A lease that came back is worth a look at once.
    const leased = leases
      .map(({ uuid }) => uuid)
      .toSorted()
      .join();
    const isRecent = nowMs - this.#gpuLookAtMs < GPU_LOOK_MS && leased === this.#leasedAtLook;
    if (isEachTaken || isRecent) {
      return undefined;
    }
    this.#gpuLookAtMs = nowMs;
    this.#leasedAtLook = leased;
    // A mask that was typed before the command narrows the choice as one of the shell does.
    const environment = deviceEnvironment(this.#record.plan);
    const query = await watchGpus({ environment: process.env });
    this.#gpuProblem = whyNoneGrantable({ query, environment });
    const grantable = grantableGpus({ query, environment }).map(({ uuid }) => uuid);
    this.#gpus = query.kind === "found" && grantable.length === 0 ? [NO_DEVICE] : grantable;
    this.#joinedAtMs = Number.NEGATIVE_INFINITY;
    const choice = chooseFreeGpus(count, { query, leases, environment }, isKept);
    const uuids = choice?.device.kind === "cuda" ? choice.device.gpus.map(({ uuid }) => uuid) : [];
    return choice !== undefined && (await leaseAll(this.#record, uuids)) ? { choice } : undefined;
  }
}

function gpuNames({ device }: DeviceChoice): string {
  return device.kind === "cuda" ? device.gpus.map(({ index, name }) => `GPU ${index} (${name})`).join(", ") : "CPU";
}
