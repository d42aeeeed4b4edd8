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
