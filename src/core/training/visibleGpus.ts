import type { Gpu } from "./gpuReport.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable by which a training can be shown a part of the GPUs. */
export const GPU_MASKS = ["CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"] as const;

/** What an environment lets a program see of the GPUs of a machine, in the order in which it counts them. */
export function visibleGpus(gpus: readonly Gpu[], environment: Environment): Gpu[] {
  return gpus.some(({ maker }) => maker === "amd")
    ? visibleToHip(gpus, environment)
    : visibleToCuda(gpus, environment["CUDA_VISIBLE_DEVICES"]);
}

/** The first of the variables that hide GPUs here; undefined where none is set. */
export function gpuMask(gpus: readonly Gpu[], environment: Environment): string | undefined {
  const names = gpus.some(({ maker }) => maker === "amd")
    ? ["ROCR_VISIBLE_DEVICES", hipMask(environment)]
    : ["CUDA_VISIBLE_DEVICES"];
  return names.find((name) => environment[name] !== undefined);
}

/** Variables that make a training see exactly these GPUs, all of one maker. */
export function showOnly(gpus: readonly Gpu[], environment: Environment): Record<string, string> {
  if (gpus.every(({ maker }) => maker !== "amd")) {
    // CUDA counts the fastest GPU first and nvidia-smi by PCI slot: an index could mean another GPU, a UUID cannot.
    return { CUDA_VISIBLE_DEVICES: gpus.map(({ uuid }) => uuid).join(",") };
  }
  const shown = gpus.map(({ uuid, index }) => (uuid.startsWith("GPU-") ? uuid : String(index))).join(",");
  const hip = hipMask(environment);
  // HIP counts what the lower layer shows: an index that was meant for all GPUs would name another one, or none.
  const counted = environment[hip] === undefined ? {} : { [hip]: gpus.map((_gpu, at) => at).join(",") };
  return { ROCR_VISIBLE_DEVICES: shown, ...counted };
}

/** Variables that hide every GPU. To HIP an empty list is none at all, so it is given a GPU that no machine has. */
export function hideGpus(environment: Environment): Record<string, string> {
  const isRocm = ["ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCM_PATH", "HIP_PATH"].some(
    (name) => environment[name] !== undefined,
  );
  return { CUDA_VISIBLE_DEVICES: "", ...(isRocm && { HIP_VISIBLE_DEVICES: "-1" }) };
}

/**
 * What CUDA makes of `CUDA_VISIBLE_DEVICES`: indices, UUIDs or unique beginnings of them; the first entry that
 * names no device ends the list; empty hides all, unset shows all.
 */
function visibleToCuda(gpus: readonly Gpu[], variable: string | undefined): Gpu[] {
  if (variable === undefined) {
    return [...gpus];
  }
  const visible: Gpu[] = [];
  for (const entry of entriesOf(variable)) {
    const matches = /^\d+$/.test(entry)
      ? gpus.filter((gpu) => gpu.index === Number(entry))
      : gpus.filter((gpu) => /^(?:GPU|MIG)-/.test(entry) && gpu.uuid.startsWith(entry));
    const [match] = matches;
    // An index of a partitioned GPU stands for its first instance, so that several matches are no error there.
    if (!match || (matches.length > 1 && !/^\d+$/.test(entry)) || visible.includes(match)) {
      break;
    }
    visible.push(match);
  }
  return visible;
}

/**
 * ROCm has two layers: the runtime shows what `ROCR_VISIBLE_DEVICES` names, by number or UUID, and HIP counts these and shows what
 * `HIP_VISIBLE_DEVICES`, or else `CUDA_VISIBLE_DEVICES`, names by number. To both an empty list is none.
 * https://rocm.docs.amd.com/en/latest/conceptual/gpu-isolation.html
 */
function visibleToHip(gpus: readonly Gpu[], environment: Environment): Gpu[] {
  const shown = namedBy(environment["ROCR_VISIBLE_DEVICES"], (entry) =>
    gpus.find((gpu) => (/^\d+$/.test(entry) ? gpu.index === Number(entry) : isUuid(gpu, entry))),
  );
  const all = shown ?? [...gpus];
  const counted = namedBy(environment[hipMask(environment)], (entry) =>
    /^\d+$/.test(entry) ? all[Number(entry)] : undefined,
  );
  return counted ?? all;
}

function hipMask(environment: Environment): string {
  return environment["HIP_VISIBLE_DEVICES"] === undefined ? "CUDA_VISIBLE_DEVICES" : "HIP_VISIBLE_DEVICES";
}

function namedBy(variable: string | undefined, find: (entry: string) => Gpu | undefined): Gpu[] | undefined {
  if (variable === undefined || variable.trim() === "") {
    return undefined;
  }
  const visible: Gpu[] = [];
  for (const entry of entriesOf(variable)) {
    const gpu = find(entry);
    if (gpu === undefined || visible.includes(gpu)) {
      break;
    }
    visible.push(gpu);
  }
  return visible;
}

function isUuid({ uuid }: Gpu, entry: string): boolean {
  return entry.toLowerCase() === uuid.toLowerCase();
}

function entriesOf(variable: string): string[] {
  return variable.split(",").map((part) => part.trim());
}
