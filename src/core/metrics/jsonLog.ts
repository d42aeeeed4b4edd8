import { parseLooseJson } from "./looseJson.ts";
import type { MetricReader, ScalarSink } from "./metricReader.ts";
import { addNamedRow } from "./namedRow.ts";
import { TextLines } from "./textLines.ts";

/** Reads one JSON object per line, with NaN: LLaMA-Factory, axolotl, DINO, RLlib and many scripts write these. */
export class JsonLinesReader implements MetricReader {
  damaged = 0;
  readonly #sink: ScalarSink;
  readonly #lines = new TextLines();
  #rows = 0;

  constructor(sink: ScalarSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    for (const line of this.#lines.push(bytes)) {
      const value = line.trim() === "" ? new Map() : parseLooseJson(line);
      if (value instanceof Map) {
        addNamedRow(this.#sink, collectNumbers(value), this.#rows++);
      } else {
        this.damaged++;
      }
    }
  }
}

/** Reads the `log_history` of a Hugging Face `trainer_state.json`, which the Trainer writes anew each time: push all of it. */
export class TrainerStateReader implements MetricReader {
  damaged = 0;
  readonly #sink: ScalarSink;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(sink: ScalarSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    // The object ends with its brace: a file that is being written has none there yet.
    const state = this.#text.trimEnd().endsWith("}") ? parseLooseJson(this.#text) : undefined;
    const history = state instanceof Map ? state.get("log_history") : undefined;
    if (Array.isArray(history)) {
      const rows = history.filter((row) => row instanceof Map);
      rows.forEach((row, index) => addNamedRow(this.#sink, collectNumbers(row), index));
      this.#text = "";
    }
  }
}

function collectNumbers(fields: ReadonlyMap<string, unknown>, prefix = ""): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [key, value] of fields) {
    if (typeof value === "number") {
      numbers.set(prefix + key, value);
    } else if (value instanceof Map && prefix === "") {
      // One level, as in { "train": { "loss": 0.3 } }.
      for (const [inner, number] of collectNumbers(value, `${key}/`)) {
        numbers.set(inner, number);
      }
    }
  }
  return numbers;
}
