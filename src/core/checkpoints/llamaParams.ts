import { readExactly } from "../base/byteReader.ts";
import type { ByteSource } from "../base/byteSource.ts";
import { FormatError } from "../base/errors.ts";
import { isConsolidatedPart } from "./checkpointParts.ts";
import { plainJson } from "./plainJson.ts";
import type { PlainValue } from "./plainValue.ts";
import { parseTolerantJson } from "./tolerantJson.ts";

/*
 * Llama and Mistral as they were published are consolidated.00.pth and so on, weights alone, beside
 *
 *   params.json       {"dim": 4096, "n_layers": 32, "n_heads": 32, "vocab_size": 128256, "norm_eps": 1e-05, …}
 *   tokenizer.model
 */

const FORMAT = "params.json";
/** Those of the largest models have some twenty entries. */
const MAX_BYTES = 256 * 1024;

/** The file beside a checkpoint that says how its model was made; undefined where its format keeps that in itself. */
export function settingsFileOf(name: string): string | undefined {
  return isConsolidatedPart(name) ? "params.json" : undefined;
}

/** The hyper-parameters that such a file holds; undefined where there are none. Throws FormatError for one that cannot be read. */
export async function readSettingsFile(source: ByteSource): Promise<Readonly<Record<string, PlainValue>> | undefined> {
  if (source.sizeBytes > MAX_BYTES) {
    throw new FormatError(FORMAT, 0, `it is larger than ${MAX_BYTES} bytes`);
  }
  const bytes = await readExactly(source, { offset: 0, length: source.sizeBytes }, FORMAT);
  return plainJson(parseTolerantJson(new TextDecoder().decode(bytes), FORMAT));
}
