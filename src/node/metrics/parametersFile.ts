import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Parameters } from "../../core/metrics/parameters.ts";

const HYDRA = join(".hydra", "config.yaml");
/**
 * Lightning's, that of Ultralytics and timm, and Hydra's, which lies in the folder of its job: a logger writes there, or into a
 * folder of its own, such as Lightning's `csv/version_0`. Lightning's says nothing where a module saved none.
 */
const NAMES = ["hparams.yaml", "args.yaml", HYDRA, join("..", HYDRA), join("..", "..", HYDRA)];

/** The hyper-parameters in a file beside the logs of a run, the first that has any, which is read again when it changed. */
export class ParametersFile {
  readonly #folder: string;
  readonly #read = new Map<string, { state: string; parameters: Parameters }>();
  parameters: Parameters = {};

  constructor(folder: string) {
    this.#folder = folder;
  }

  async update(): Promise<void> {
    for (const name of NAMES) {
      const parameters = await this.#readFile(join(this.#folder, name));
      if (parameters !== undefined && Object.keys(parameters).length > 0) {
        this.parameters = parameters;
        return;
      }
    }
  }

  async #readFile(path: string): Promise<Parameters | undefined> {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) {
      return undefined;
    }
    const state = `${found.size} ${found.mtimeMs}`;
    const known = this.#read.get(path);
    if (known?.state === state) {
      return known.parameters;
    }
    // Few runs have such a file, and to load a reader of YAML takes as long as to read a log of some megabytes.
    const { parseParametersFile } = await import("../../core/metrics/parametersText.ts");
    const parameters = parseParametersFile(await readFile(path, "utf8").catch(() => ""));
    this.#read.set(path, { state, parameters });
    return parameters;
  }
}
