import { machine, release } from "node:os";
import type { MarkerEnvironment } from "../../core/knowledge/pep/marker.ts";

/** What Python's `platform` and `sys` say of this machine, under the names that markers have for it. No extra is asked for. */
export function machineMarkers(): MarkerEnvironment {
  const isWindows = process.platform === "win32";
  const system = SYSTEMS[process.platform];
  return {
    extra: "",
    os_name: isWindows ? "nt" : "posix",
    sys_platform: process.platform,
    platform_release: release(),
    platform_machine: isWindows ? (WINDOWS_MACHINES[machine()] ?? machine()) : machine(),
    ...(system === undefined ? {} : { platform_system: system }),
  };
}

const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "Darwin",
  freebsd: "FreeBSD",
  linux: "Linux",
  win32: "Windows",
};

/** Windows has its own names for what the others call by these. */
const WINDOWS_MACHINES: Readonly<Record<string, string>> = { x86_64: "AMD64", aarch64: "ARM64", arm64: "ARM64" };
