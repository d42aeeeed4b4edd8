import { readdir, readFile } from "node:fs/promises";

/** Every process a test host starts, trainings that outlive the editor included, carries this variable. */
export const RUN_MARKER = "TRAINYARD_TEST_RUN";

/** Kills the processes, wherever they went, whose environment carries the marker. Linux only: others have no /proc. */
export async function killLeftovers(marker: string): Promise<void> {
  const wanted = `${RUN_MARKER}=${marker}`;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (pid !== process.pid && environment.split("\0").includes(wanted)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }
}
