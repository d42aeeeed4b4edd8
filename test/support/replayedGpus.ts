import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("../fixtures/gpus", import.meta.url));

/** An environment in which `nvidia-smi` replays one of the machines in `test/fixtures/gpus`. */
export function replayedGpus(machine: string): NodeJS.ProcessEnv {
  return { PATH: [fixtures, "/usr/bin", "/bin"].join(delimiter), REPLAY_FOLDER: `${fixtures}/${machine}` };
}
