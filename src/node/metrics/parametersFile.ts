import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Parameters } from "../../core/metrics/parameters.ts";

/** Lightning's, and that of Ultralytics and timm. */
const NAMES = ["hparams.yaml", "args.yaml"];

/** The hyper-parameters in a file beside the logs of a run, which is read again when it changed. */
export class ParametersFile {
  readonly #folder: string;
  #state = "";
  parameters: Parameters = {};

  constructor(folder: string) {
    this.#folder = folder;
  }

  async update(): Promise<void> {
    for (const path of NAMES.map((name) => join(this.#folder, name))) {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true) {
        continue;
      }
      const state = `${path} ${found.size} ${found.mtimeMs}`;
      if (state !== this.#state) {
        this.#state = state;
        // Few runs have such a file, and to load a reader of YAML takes as long as to read a log of some megabytes.
        const { parseParametersFile } = await import("../../core/metrics/parametersText.ts");
        this.parameters = parseParametersFile(await readFile(path, "utf8").catch(() => ""));
      }
      return;
    }
  }
}
