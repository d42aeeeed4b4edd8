import { UserError } from "../base/errors.ts";
import type { GpuLease } from "./gpuLease.ts";
import type { Gpu } from "./gpuReport.ts";
import type { LaunchPlan, PlanRequest } from "./launchPlan.ts";
import { gpuMask, hideGpus, showOnly, visibleGpus } from "./visibleGpus.ts";

/** What one look at the machine found. */
export type GpuQueryResult =
  | { kind: "found"; gpus: readonly Gpu[] }
  /** `hasMps`: a Mac, whose one GPU is not given to a training but taken by it. */
  | { kind: "none"; reason: string; hasMps?: boolean };

export type DeviceChoice = {
  device: LaunchPlan["device"];
  /** Variables that make the training see exactly this device. */
  environment: Readonly<Record<string, string>>;
  warnings: readonly string[];
};

export type DeviceFacts = {
  requested: NonNullable<PlanRequest["device"]>;
  query: GpuQueryResult;
  leases: readonly GpuLease[];
  /** Of the training: what it hides of the GPUs is never shown, and how they are counted is kept. */
  environment: Readonly<Record<string, string | undefined>>;
};

/** The device of a plan that waits for one. */
export const FIRST_FREE_GPU: LaunchPlan["device"] = { kind: "cuda", reason: "the first GPU that is free", gpus: [] };

/** Why a GPU was chosen that stays the same when the run is started again. */
export const AS_ASKED = "as asked for";

/** Of a command that a person typed in full, and where no GPU is named: whether it takes one is seen while it runs. */
export const LEFT_TO_PROGRAM: LaunchPlan["device"] = { kind: "cpu", reason: "started as it was typed" };

/** Whether the program itself chooses what it computes on. */
export function isLeftToProgram({ kind, reason }: LaunchPlan["device"]): boolean {
  return kind === LEFT_TO_PROGRAM.kind && reason === LEFT_TO_PROGRAM.reason;
}

/** Under this a GPU is at rest: the display and the driver itself take some memory and some time. */
const IDLE_USED_MIB = 500;
const IDLE_USED_SHARE = 0.05;
const IDLE_UTILIZATION_PERCENT = 10;

/** Never gives more than the environment lets this process see. Throws UserError for a GPU that is not to be had. */
export function chooseDevice(facts: DeviceFacts): DeviceChoice {
  if (facts.requested === "cpu") {
    return cpu("CPU was asked for", hideGpus(facts.environment));
  }
  const wanted = typeof facts.requested === "string" ? [] : facts.requested;
  if (facts.query.kind === "none") {
    if (wanted.length > 0) {
      throw new UserError(`${listGpus(wanted)} cannot be used: ${facts.query.reason}. Choose the CPU instead.`);
    }
    return facts.query.hasMps === true ? mps() : cpu(facts.query.reason);
  }
  const usable = grantableGpus(facts);
  const warnings = orderWarnings(facts);
  if (facts.requested === "free" && usable.length > 0) {
    return {
      device: FIRST_FREE_GPU,
      environment: {},
      warnings,
    };
  }
  if (wanted.length > 0) {
    const gpus = wanted.map((index) => requireGpu(index, usable, facts));
    const choice = cuda(gpus, AS_ASKED, facts);
    return { ...choice, warnings: [...warnings, ...choice.warnings] };
  }
  const best = usable.toSorted((a, b) => compareGpus(a, b, facts.leases))[0];
  if (!best) {
    return cpu(whyNone(facts.query.gpus, facts.environment));
  }
  const { device, ...choice } = cuda([best], reasonFor(best, usable, facts), facts);
  const isContended = device.kind === "cuda" && !isFree(best, facts.leases);
  return {
    ...choice,
    device: isContended ? { ...device, isContended } : device,
    warnings: [...warnings, ...choice.warnings],
  };
}

/** The GPUs that a waiting run could be given some day, by UUID. */
export function grantableGpus({ query, environment }: Pick<DeviceFacts, "query" | "environment">): Gpu[] {
  const all = query.kind === "found" ? query.gpus : [];
  return visibleGpus(all, environment).filter((gpu) => !gpu.isPartitioned && gpu.problem === undefined);
}

/** The GPUs that a command was given by name; undefined where it was not, and takes what it finds. */
export function namedDevice(facts: Pick<DeviceFacts, "query" | "environment">): LaunchPlan["device"] | undefined {
  const gpus = grantableGpus(facts);
  const isNamed = gpuMask(gpus, facts.environment) !== undefined;
  return !isNamed || gpus.length === 0
    ? undefined
    : cuda(gpus, AS_ASKED, { ...facts, requested: "auto", leases: [] }).device;
}

/** What to say of a mask that shows none of the GPUs that are there; undefined where it shows one, or is meant to hide all. */
export function blindMaskWarning({
  query,
  environment,
}: Pick<DeviceFacts, "query" | "environment">): string | undefined {
  const all = query.kind === "found" ? query.gpus : [];
  const mask = gpuMask(all, environment);
  const value = mask === undefined ? "" : (environment[mask] ?? "").trim();
  return all.length === 0 || value === "" || value === "-1" || visibleGpus(all, environment).length > 0
    ? undefined
    : `\`${mask}=${value}\` names no GPU of this machine, so the program sees none. There ${all.length === 1 ? "is" : "are"} ${listGpus(all.map(({ index }) => index))}.`;
}

/** Why a waiting run could be given none, as the end of a sentence; undefined where it could. */
export function whyNoneGrantable(facts: Pick<DeviceFacts, "query" | "environment">): string | undefined {
  if (facts.query.kind === "none") {
    return facts.query.reason;
  }
  return grantableGpus(facts).length > 0 ? undefined : whyNone(facts.query.gpus, facts.environment);
}

/** Why a command that needs so many GPUs at once would wait for ever, as a sentence; undefined where it would not. */
export function whyTooFew(count: number, facts: Pick<DeviceFacts, "query" | "environment">): string | undefined {
  const there = grantableGpus(facts).length;
  return there === 0 || there >= count
    ? undefined
    : `The launcher starts ${count} processes, each on a GPU of its own, and only ${there} can be used here. Start fewer processes.`;
}

/**
 * So many GPUs that nobody uses, those with the most memory first; undefined while there are fewer. `isKept`: for others,
 * by their UUID.
 */
export function chooseFreeGpus(
  count: number,
  facts: Omit<DeviceFacts, "requested">,
  isKept: (uuid: string) => boolean = () => false,
): DeviceChoice | undefined {
  const free = grantableGpus(facts).filter((gpu) => isFree(gpu, facts.leases) && !isKept(gpu.uuid));
  const chosen = free.toSorted((a, b) => compareGpus(a, b, facts.leases)).slice(0, count);
  return chosen.length < count ? undefined : cuda(chosen, "free when its turn came", { ...facts, requested: "free" });
}

/**
 * What a flow shares out among its tasks: all GPUs that nobody uses; where there is none, or the person named some in
 * `CUDA_VISIBLE_DEVICES`, all that can be seen. Undefined where there is none at all.
 */
export function chooseSharedGpus(facts: Omit<DeviceFacts, "requested">): DeviceChoice | undefined {
  const usable = grantableGpus(facts);
  const free = usable.filter((gpu) => isFree(gpu, facts.leases));
  const isNamed = facts.environment["CUDA_VISIBLE_DEVICES"] !== undefined;
  const chosen = isNamed || free.length === 0 ? usable : free;
  return chosen.length === 0 ? undefined : cuda(chosen, "shared out among the tasks", { ...facts, requested: "auto" });
}

function isFree(gpu: Gpu, leases: readonly GpuLease[]): boolean {
  return isIdle(gpu) && !leases.some((lease) => lease.uuid === gpu.uuid);
}

/** No process on it, hardly any memory taken, hardly any work. */
export function isIdle(gpu: Gpu): boolean {
  const limit = Math.max(IDLE_USED_MIB, IDLE_USED_SHARE * (gpu.totalMiB ?? 0));
  return (
    gpu.processes.length === 0 && (gpu.usedMiB ?? 0) < limit && (gpu.utilizationPercent ?? 0) < IDLE_UTILIZATION_PERCENT
  );
}

/** GPUs as they are now, each as busy as it has been in this look or an earlier one. */
export function withPeaks(now: readonly Gpu[], before: readonly Gpu[]): Gpu[] {
  return now.map((gpu) => {
    const earlier = before.find(({ uuid }) => uuid === gpu.uuid)?.utilizationPercent;
    const seen = [gpu.utilizationPercent, earlier].filter((percent) => percent !== undefined);
    return seen.length === 0 ? gpu : { ...gpu, utilizationPercent: Math.max(...seen) };
  });
}

function cpu(reason: string, environment: Readonly<Record<string, string>> = {}): DeviceChoice {
  return { device: { kind: "cpu", reason }, environment, warnings: [] };
}

function mps(): DeviceChoice {
  return {
    device: { kind: "mps", reason: "this Mac has one; the script takes it as `mps`" },
    environment: {},
    warnings: [],
  };
}

/** A GPU of AMD too: PyTorch calls its devices `cuda` as well. */
function cuda(gpus: readonly Gpu[], reason: string, facts: DeviceFacts): DeviceChoice {
  return {
    device: {
      kind: "cuda",
      reason,
      gpus: gpus.map(({ index, uuid, name, totalMiB, freeMiB }) => ({
        index,
        uuid,
        name,
        ...(totalMiB === undefined ? {} : { totalMiB }),
        ...(freeMiB === undefined ? {} : { freeMiB }),
      })),
    },
    environment: showOnly(gpus, facts.environment),
    warnings: gpus.flatMap((gpu) => busyWarning(gpu, facts.leases)),
  };
}

function compareGpus(a: Gpu, b: Gpu, leases: readonly GpuLease[]): number {
  const rank = (gpu: Gpu) => (leases.some((lease) => lease.uuid === gpu.uuid) ? 2 : isIdle(gpu) ? 0 : 1);
  return rank(a) - rank(b) || (b.freeMiB ?? b.totalMiB ?? 0) - (a.freeMiB ?? a.totalMiB ?? 0) || a.index - b.index;
}

function reasonFor(best: Gpu, usable: readonly Gpu[], facts: DeviceFacts): string {
  const isTaken = facts.leases.some((lease) => lease.uuid === best.uuid);
  if (usable.length === 1) {
    const mask = gpuMask(usable, facts.environment);
    return mask === undefined ? "the only GPU" : `the only GPU that \`${mask}\` shows`;
  }
  if (isTaken || !isIdle(best)) {
    return `most free memory; all ${usable.length} GPUs are in use`;
  }
  return `idle, with the most free memory of ${usable.length} GPUs`;
}

function busyWarning(gpu: Gpu, leases: readonly GpuLease[]): string[] {
  const lease = leases.find((candidate) => candidate.uuid === gpu.uuid);
  const label = `GPU ${gpu.index} (${gpu.name})`;
  if (lease) {
    return [
      `${label} is already used by the run \`${lease.title}\`. Stop that run first, or expect less memory and speed.`,
    ];
  }
  const [first] = gpu.processes;
  if (first) {
    const others = gpu.processes.length > 1 ? ` and ${gpu.processes.length - 1} more` : "";
    const free = gpu.freeMiB === undefined ? "" : ` and has ${gibibytes(gpu.freeMiB)} free`;
    return [
      `${label} is used by \`${first.name}\` (process ${first.pid})${others}${free}. The training may run out of memory.`,
    ];
  }
  return isIdle(gpu)
    ? []
    : [`${label} is busy although no process is shown, as in a container. The training may run out of memory.`];
}

function requireGpu(index: number, usable: readonly Gpu[], { query, environment }: DeviceFacts): Gpu {
  const found = usable.find((gpu) => gpu.index === index);
  if (found) {
    return found;
  }
  const all = query.kind === "found" ? query.gpus : [];
  const there =
    usable.length === 0
      ? "none can be used"
      : `there ${usable.length === 1 ? "is" : "are"} ${listGpus(usable.map((gpu) => gpu.index))}`;
  const problem = all.find((gpu) => gpu.index === index)?.problem;
  if (problem !== undefined) {
    throw new UserError(`GPU ${index} cannot be used: the driver reports “${problem}”. Choose another one or the CPU.`);
  }
  const hidden = all.some((gpu) => gpu.index === index);
  throw new UserError(
    hidden
      ? `GPU ${index} is hidden by \`${gpuMask(all, environment) ?? "CUDA_VISIBLE_DEVICES"}\` or partitioned (MIG); ${there}. Choose another one or the CPU.`
      : `GPU ${index} does not exist; ${there}. Choose another one or the CPU.`,
  );
}

/** Why this machine has no GPU to show; undefined where it has one. */
export function whyNoneListed(query: GpuQueryResult): string | undefined {
  if (query.kind === "none") {
    return query.reason;
  }
  return query.gpus.length === 0 ? "no NVIDIA GPU: `nvidia-smi` lists none" : undefined;
}

function whyNone(all: readonly Gpu[], environment: DeviceFacts["environment"]): string {
  const noneListed = whyNoneListed({ kind: "found", gpus: all });
  if (noneListed !== undefined) {
    return noneListed;
  }
  const visible = visibleGpus(all, environment);
  const problem = visible.find((gpu) => gpu.problem !== undefined)?.problem;
  if (problem !== undefined) {
    return `the driver reports “${problem}” for the GPU`;
  }
  if (visible.length > 0) {
    return "the GPU is partitioned (MIG) and has no instance";
  }
  const mask = gpuMask(all, environment) ?? "CUDA_VISIBLE_DEVICES";
  const variable = environment[mask];
  return variable === ""
    ? `\`${mask}\` is empty, which hides every GPU`
    : `\`${mask}=${variable}\` names no GPU of this machine`;
}

/** Indices in the environment are only certain where all GPUs are alike or the order is fixed. */
function orderWarnings({ environment, query }: DeviceFacts): string[] {
  const variable = environment["CUDA_VISIBLE_DEVICES"];
  const names = new Set(query.kind === "found" ? query.gpus.map((gpu) => gpu.name) : []);
  const isAmbiguous = variable !== undefined && /(?:^|,)\s*\d/.test(variable) && names.size > 1;
  return isAmbiguous && environment["CUDA_DEVICE_ORDER"] !== "PCI_BUS_ID"
    ? [
        "`CUDA_VISIBLE_DEVICES` holds indices and the GPUs differ, so CUDA may count them in another order than `nvidia-smi`. Set `CUDA_DEVICE_ORDER=PCI_BUS_ID` to be sure.",
      ]
    : [];
}

/** What a plan runs on, as a name: `NVIDIA A10G (GPU 0)`. */
export function deviceName(device: LaunchPlan["device"]): string {
  if (device.kind === "cuda") {
    return device.gpus.map(({ name, index }) => `${name} (GPU ${index})`).join(", ");
  }
  if (isLeftToProgram(device)) {
    return "what the program itself chooses";
  }
  return device.kind === "mps" ? "Apple GPU (MPS)" : "CPU";
}

export function gibibytes(mebibytes: number): string {
  return mebibytes > 0 && mebibytes < 100 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** As in “GPUs 0, 1 and 3”. */
export function listGpus(indices: readonly number[]): string {
  return indices.length === 1 ? `GPU ${indices[0]}` : `GPUs ${indices.slice(0, -1).join(", ")} and ${indices.at(-1)}`;
}
