import { cpSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("../fixtures/gpus", import.meta.url));

/** An environment in which `nvidia-smi` replays one of the machines in `test/fixtures/gpus`, or what an absolute folder holds. */
export function replayedGpus(machine: string): NodeJS.ProcessEnv {
  return { PATH: [fixtures, "/usr/bin", "/bin"].join(delimiter), REPLAY_FOLDER: resolve(fixtures, machine) };
}

/** A copy of a machine that a test may change. */
export function copyGpus(machine: string, folder: string): string {
  const copy = join(folder, machine);
  cpSync(join(fixtures, machine), copy, { recursive: true });
  return copy;
}
