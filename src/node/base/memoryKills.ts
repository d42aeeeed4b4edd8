import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * How many processes of this process's control group the kernel has killed for lack of memory, ever; undefined where
 * that cannot be read, as on systems without control groups. Version 2 counts in `memory.events`, version 1 in
 * `memory.oom_control` (kernel documentation, admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst).
 */
export function countMemoryKills(
  membershipFile = "/proc/self/cgroup",
  mountPoint = "/sys/fs/cgroup",
): number | undefined {
  const membership = readText(membershipFile) ?? "";
  for (const line of membership.split("\n")) {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const place =
      controllers === ""
        ? { root: mountPoint, file: "memory.events" }
        : { root: join(mountPoint, "memory"), file: "memory.oom_control" };
    const isOfMemory = controllers === "" || controllers.split(",").includes("memory");
    const count = line !== "" && isOfMemory ? findCount(place.root, path, place.file) : undefined;
    if (count !== undefined) {
      return count;
    }
  }
  return undefined;
}

/** What the kernel killed for lack of memory in a span of time; undefined where it does not tell. */
type MemoryKillSpan = {
  /** Of this process's control group. */
  here?: number | undefined;
  /** Of all others of the machine. A container or a limited scope that a command makes for its training is one of them. */
  elsewhere?: number | undefined;
};

/** Counts from when it is made. */
export class MemoryKillCount {
  readonly #read: () => MemoryKillSpan;
  readonly #before: MemoryKillSpan;

  constructor(read: () => MemoryKillSpan = countAll) {
    this.#read = read;
    this.#before = read();
  }

  get sinceThen(): MemoryKillSpan {
    const now = this.#read();
    return {
      here: difference(this.#before.here, now.here),
      elsewhere: difference(this.#before.elsewhere, now.elsewhere),
    };
  }
}

function difference(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined ? undefined : Math.max(0, now - before);
}

function countAll(): MemoryKillSpan {
  const here = countMemoryKills();
  // The machine counts those of every control group together (kernel source, mm/oom_kill.c).
  const machine = /^oom_kill (\d+)$/m.exec(readText("/proc/vmstat") ?? "")?.[1];
  return { here, elsewhere: machine === undefined ? undefined : Number(machine) - (here ?? 0) };
}

/** In a container the path may be that of the host, of which only the end is mounted; the nearest group that can be read counts. */
function findCount(root: string, path: string, file: string): number | undefined {
  for (let at = path; ; at = dirname(at)) {
    const count = /^oom_kill (\d+)$/m.exec(readText(join(root, at, file)) ?? "")?.[1];
    if (count !== undefined) {
      return Number(count);
    }
    if (at === dirname(at)) {
      return undefined;
    }
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
