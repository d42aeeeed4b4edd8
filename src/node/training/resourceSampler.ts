import { readdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Gpu } from "../../core/training/gpuReport.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import type { ResourceSample } from "../../core/training/runRecord.ts";
import { visibleGpus } from "../../core/training/visibleGpus.ts";
import type { DiskSample } from "../../core/training/watchdog/diskRule.ts";
import { type ProcStat, readProcStat, residentKiB } from "../base/processIdentity.ts";
import { deviceEnvironment, queryGpus } from "./gpuQuery.ts";

/** The unit of CPU times in /proc is 1/100 s on every Linux there is (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** Looking through /proc costs some milliseconds, nvidia-smi up to a second of another process. */
const PROCESS_INTERVAL_MS = 5_000;
const GPU_INTERVAL_MS = 30_000;
/** A training that was given no GPU takes one some time after its start, once its packages are imported and its data is read. */
const SEARCH_INTERVAL_MS = 10_000;
const SEARCH_MS = 120_000;
const DISK_INTERVAL_MS = 15_000;
/** A process that waits and wakes up now and then is idle. */
const BUSY_PERCENT = 20;
const OTHERS_INTERVAL_MS = 60_000;
const MIB = 1024 * 1024;

type OnGpus = (gpus: readonly Gpu[]) => void;

/** Measures what a training uses, at most as often as the intervals above, whoever asks more often. */
export class ResourceSampler {
  readonly #plan: LaunchPlan;
  readonly #runFolder: string;
  #processesAtMs = Number.NEGATIVE_INFINITY;
  #gpusAtMs = Number.NEGATIVE_INFINITY;
  #diskAtMs = Number.NEGATIVE_INFINITY;
  #ticks: { atMs: number; count: number } | undefined;
  #latest: ResourceSample | undefined;
  #gpus: ResourceSample["gpus"];
  #firstAtMs: number | undefined;
  #pids: ReadonlySet<number> = new Set();
  /** By UUID. */
  readonly #ownGpus: Set<string>;
  readonly #onGpus: OnGpus;
  #disk: DiskSample | undefined;
  readonly #others = new Set<string>();
  #othersAtMs = Number.NEGATIVE_INFINITY;

  /** `onGpus` hears of GPUs that nobody gave to the training, once its processes are seen there. */
  constructor(plan: LaunchPlan, runFolder: string, onGpus: OnGpus = () => undefined) {
    this.#plan = plan;
    this.#runFolder = runFolder;
    this.#onGpus = onGpus;
    this.#ownGpus = new Set(plan.device.kind === "cuda" ? plan.device.gpus.map(({ uuid }) => uuid) : []);
  }

  /** The last measurement; undefined where processes cannot be measured. */
  get latest(): ResourceSample | undefined {
    return this.#latest && { ...this.#latest, ...(this.#gpus === undefined ? {} : { gpus: this.#gpus }) };
  }

  /** Whether the processes of the training compute; undefined where that cannot be known. */
  get isBusy(): boolean | undefined {
    if (this.#latest === undefined) {
      return undefined;
    }
    const isGpuBusy = this.#gpus?.some(({ utilizationPercent = 0 }) => utilizationPercent >= BUSY_PERCENT) ?? false;
    return isGpuBusy || this.#latest.cpuPercent >= BUSY_PERCENT;
  }

  /** Measures what is due; `nowMs` is of a clock that never jumps. The free space is given once for each measurement. */
  sample(groupId: number, nowMs: number): DiskSample | undefined {
    if (nowMs - this.#processesAtMs >= PROCESS_INTERVAL_MS && process.platform === "linux") {
      this.#processesAtMs = nowMs;
      this.#sampleProcesses(groupId, nowMs);
    }
    this.#firstAtMs ??= nowMs;
    const isSearching = this.#ownGpus.size === 0 && nowMs - this.#firstAtMs < SEARCH_MS;
    if (nowMs - this.#gpusAtMs >= (isSearching ? SEARCH_INTERVAL_MS : GPU_INTERVAL_MS) && this.#mayUseGpus()) {
      this.#gpusAtMs = nowMs;
      void this.#sampleGpus();
    }
    if (nowMs - this.#diskAtMs >= DISK_INTERVAL_MS) {
      this.#diskAtMs = nowMs;
      void this.#sampleDisk();
    }
    const disk = this.#disk;
    this.#disk = undefined;
    return disk;
  }

  #sampleProcesses(groupId: number, nowMs: number): void {
    const members = this.#members(groupId, nowMs);
    const count = [...members.values()].reduce((sum, stat) => sum + stat.cpuTicks, 0);
    const memoryMiB = Math.round([...members.keys()].reduce((sum, pid) => sum + residentKiB(pid), 0) / 1024);
    this.#pids = new Set(members.keys());
    const before = this.#ticks;
    this.#ticks = { atMs: nowMs, count };
    if (before === undefined || nowMs <= before.atMs) {
      return;
    }
    // A process that ended takes its ticks along.
    const seconds = Math.max(0, count - before.count) / TICKS_PER_SECOND;
    this.#latest = {
      sampledAt: new Date().toISOString(),
      cpuPercent: Math.round((seconds * 100_000) / (nowMs - before.atMs)),
      memoryMiB,
      peakMemoryMiB: Math.max(memoryMiB, this.#latest?.peakMemoryMiB ?? 0),
    };
  }

  /**
   * The processes of the group and what those started, since torchrun puts each worker into a group of its own. A machine has
   * hundreds of others, and to read each of them every time would be most of what this process does: one that was of another
   * group is looked at again only now and then, in case its number was reused.
   */
  #members(groupId: number, nowMs: number): Map<number, ProcStat> {
    if (nowMs - this.#othersAtMs >= OTHERS_INTERVAL_MS) {
      this.#othersAtMs = nowMs;
      this.#others.clear();
    }
    const members = new Map<number, ProcStat>();
    for (const name of readdirSync("/proc")) {
      const stat = /^\d/.test(name) && !this.#others.has(name) ? readProcStat(Number(name)) : undefined;
      if (stat !== undefined && (stat.groupId === groupId || members.has(stat.parentPid))) {
        members.set(Number(name), stat);
      } else {
        this.#others.add(name);
      }
    }
    return members;
  }

  #mayUseGpus(): boolean {
    return this.#plan.device.kind === "cuda" || deviceEnvironment(this.#plan)["CUDA_VISIBLE_DEVICES"] !== "";
  }

  async #sampleGpus(): Promise<void> {
    const found = await queryGpus({ environment: process.env });
    const all = found.kind === "found" ? found.gpus : [];
    if (this.#plan.device.kind !== "cuda") {
      this.#findOwn(visibleGpus(all, deviceEnvironment(this.#plan)));
    }
    const before = this.#gpus ?? [];
    const gpus = all.filter(({ uuid }) => this.#ownGpus.has(uuid));
    if (gpus.length === 0 && this.#plan.device.kind !== "cuda") {
      return;
    }
    this.#gpus = gpus.map(({ uuid, usedMiB, utilizationPercent }) => ({
      uuid,
      ...(usedMiB === undefined ? {} : { usedMiB, peakUsedMiB: Math.max(usedMiB, peakOf(before, uuid)) }),
      ...(utilizationPercent === undefined ? {} : { utilizationPercent }),
    }));
  }

  /** A command that was started as it was typed chooses its GPUs itself: its own are those with its processes on them. */
  #findOwn(visible: readonly Gpu[]): void {
    const isNew = ({ uuid, processes }: Gpu) =>
      !this.#ownGpus.has(uuid) && processes.some(({ pid }) => this.#pids.has(pid));
    const fresh = visible.filter(isNew);
    if (fresh.length > 0) {
      for (const { uuid } of fresh) {
        this.#ownGpus.add(uuid);
      }
      this.#onGpus(fresh);
    }
  }

  async #sampleDisk(): Promise<void> {
    for (let path = this.#plan.checkpointFolder?.path ?? this.#runFolder; ; path = dirname(path)) {
      const status = await statfs(path).catch(() => undefined);
      if (status !== undefined) {
        this.#disk = { path, freeMiB: (status.bavail * status.bsize) / MIB };
        return;
      }
      if (path === dirname(path)) {
        return;
      }
    }
  }
}

function peakOf(gpus: NonNullable<ResourceSample["gpus"]>, uuid: string): number {
  return gpus.find((gpu) => gpu.uuid === uuid)?.peakUsedMiB ?? 0;
}
