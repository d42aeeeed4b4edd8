import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Parameters } from "../../core/metrics/parameters.ts";

const HYDRA = join(".hydra", "config.yaml");
/** Lightning's, which says nothing where a module saved none, that of Ultralytics and timm, and Hydra's. */
const NAMES = ["hparams.yaml", "args.yaml", HYDRA];
/** Of the job in whose folder a logger made its own, such as Lightning's `csv/version_0`. */
const OUTER_NAMES = [...NAMES, join("..", HYDRA), join("..", "..", HYDRA)];
/** What loggers call their folders; any other may be of another job. */
const LOGGER_FOLDER = /^(?:version_\d+|(?:lightning|csv|tb|tensorboard)(?:_?logs?)?|logs?|runs|metrics|events)$/i;

/** The hyper-parameters in a file beside the logs of a run, the first that has any, which is read again when it changed. */
export class ParametersFile {
  readonly #folder: string;
  readonly #names: readonly string[];
  readonly #read = new Map<string, { state: string; parameters: Parameters }>();
  parameters: Parameters = {};

  constructor(folder: string) {
    this.#folder = folder;
    this.#names = LOGGER_FOLDER.test(basename(folder)) ? OUTER_NAMES : NAMES;
  }

  async update(): Promise<void> {
    for (const name of this.#names) {
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
