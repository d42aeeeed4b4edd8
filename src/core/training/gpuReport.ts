/*
 * What `nvidia-smi` prints, one line per GPU, cells separated by ", ", without header and units:
 *
 *   --query-gpu=index,uuid,name,memory.total,memory.used,memory.free      the core set, in every driver
 *   0, GPU-8932f937-d72c-4106-c12f-20bd9faed9f6, NVIDIA A10G, 23028, 4, 22563
 *
 *   --query-gpu=index,utilization.gpu,mig.mode.current                    the optional set
 *   0, 3, [N/A]
 *
 *   --query-compute-apps=gpu_uuid,pid,process_name,used_memory
 *   GPU-8932f937-d72c-4106-c12f-20bd9faed9f6, 4711, python, 11264
 *
 *   -L                                                                    MIG instances only show up here
 *   GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-…)
 *     MIG 3g.20gb     Device  0: (UUID: MIG-c7384736-…)
 *
 * An unknown field makes the whole query fail, hence two sets. A value that is not to be had is `[N/A]`,
 * `[Not Supported]`, `[Unknown Error]` or `ERR!`.
 */

export const CORE_FIELDS = "index,uuid,name,memory.total,memory.used,memory.free";
export const OPTIONAL_FIELDS = "index,utilization.gpu,mig.mode.current";
export const PROCESS_FIELDS = "gpu_uuid,pid,process_name,used_memory";

export type GpuProcess = { pid: number; name: string; usedMiB: number | undefined };

export type Gpu = {
  index: number;
  /** NVIDIA where it is absent. */
  maker?: "amd";
  /** `GPU-…`, or `MIG-…` for an instance of a partitioned GPU. */
  uuid: string;
  name: string;
  totalMiB: number | undefined;
  usedMiB: number | undefined;
  freeMiB: number | undefined;
  utilizationPercent: number | undefined;
  /** True where the GPU is partitioned: then only its instances can be used. */
  isPartitioned: boolean;
  /** What the driver says in place of numbers when the GPU cannot be used: `GPU requires reset`. */
  problem?: string;
  processes: readonly GpuProcess[];
};

/** The outputs of one look at the machine; the optional ones are absent where their query failed. */
export type GpuReport = { core: string; optional?: string; processes?: string; list?: string };

/** The devices a training can be given: whole GPUs, and the instances of partitioned ones. */
export function parseGpuReport(report: GpuReport): Gpu[] {
  const optional = new Map(rows(report.optional).map(([index, utilization, mig]) => [index, { utilization, mig }]));
  const processes = rows(report.processes);
  const gpus = rows(report.core).flatMap((cells): Gpu[] => {
    // A name with a comma would shift the cells; the numbers are counted from the end.
    const [index, uuid] = cells;
    const [total, used, free] = cells.slice(-3);
    const extra = optional.get(index);
    if (index === undefined || uuid === undefined || !/^\d+$/.test(index) || cells.length < 6) {
      return [];
    }
    return [
      {
        index: Number(index),
        uuid,
        name: cells.slice(2, -3).join(", "),
        totalMiB: numberIn(total),
        usedMiB: numberIn(used),
        freeMiB: numberIn(free),
        utilizationPercent: numberIn(extra?.utilization),
        isPartitioned: extra?.mig === "Enabled",
        ...problemIn(cells.slice(-3)),
        processes: processes.filter(([gpu]) => gpu === uuid).flatMap(readProcess),
      },
    ];
  });
  return gpus.flatMap((gpu) => (gpu.isPartitioned ? instancesOf(gpu, report.list ?? "") : [gpu]));
}

/** A value that is not supported is no problem; one that the driver fails to read is. */
function problemIn(cells: readonly string[]): { problem?: string } {
  const said = cells.find((cell) => /requires reset|is lost|unknown error|^\[?ERR!/i.test(cell));
  return said === undefined ? {} : { problem: said.replace(/^\[|\]$/g, "") };
}

function readProcess([, pid, name, used]: readonly string[]): GpuProcess[] {
  return pid === undefined || !/^\d+$/.test(pid)
    ? []
    : [{ pid: Number(pid), name: name ?? "", usedMiB: numberIn(used) }];
}

/** Without a listing the partitioned GPU itself stays, so that a person sees that it is there and why it is not offered. */
function instancesOf(gpu: Gpu, list: string): Gpu[] {
  const lines = list.split("\n");
  const start = lines.findIndex((line) => line.includes(gpu.uuid));
  const end = lines.findIndex((line, at) => at > start && line.startsWith("GPU "));
  const own = start < 0 ? [] : lines.slice(start + 1, end < 0 ? undefined : end);
  const instances = own.flatMap((line): Gpu[] => {
    const match = /^\s+MIG\s+(\S+)\s+Device\s+\d+:\s+\(UUID:\s+(MIG-[^)\s]+)\)/.exec(line);
    const [, profile, uuid] = match ?? [];
    if (profile === undefined || uuid === undefined) {
      return [];
    }
    const gigabytes = /(\d+)gb/.exec(profile)?.[1];
    return [
      {
        index: gpu.index,
        uuid,
        name: `${gpu.name} MIG ${profile}`,
        totalMiB: gigabytes ? Number(gigabytes) * 1024 : undefined,
        usedMiB: undefined,
        freeMiB: undefined,
        utilizationPercent: undefined,
        isPartitioned: false,
        processes: [],
      },
    ];
  });
  return instances.length > 0 ? instances : [gpu];
}

function rows(text: string | undefined): string[][] {
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => line.split(",").map((cell) => cell.trim()));
}

function numberIn(cell: string | undefined): number | undefined {
  const value = cell === undefined || cell === "" ? Number.NaN : Number(cell);
  return Number.isFinite(value) ? value : undefined;
}
