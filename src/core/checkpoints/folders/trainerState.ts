import type { ByteSource } from "../../base/byteSource.ts";
import { FormatError } from "../../base/errors.ts";
import type { CheckpointFolder } from "../checkpointFolder.ts";
import { reasonOf } from "../formatReading.ts";
import { type JsonValue, parseTolerantJson } from "../tolerantJson.ts";

const STATE_NAME = "trainer_state.json";
/** A run of a million logged steps writes some 200 MB; JSON of another layout than Trainer's is read whole up to this size. */
const MAX_STATE_BYTES = 64 * 1024 * 1024;
/** What stands before the log takes a kilobyte; the last rows of it, and what follows, take less than its end. */
const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 256 * 1024;

export type TrainerState =
  | { kind: "missing" }
  /** Complete as far as its end tells, but too large to be read and not laid out as Trainer does it. */
  | { kind: "too-large"; reason: string }
  | { kind: "unreadable"; reason: string }
  /** Of a long log the last rows. */
  | { kind: "read"; value: Map<string, JsonValue> };

/** The state of a Trainer; of a large file no more is read than its two ends. Throws only what the folder throws. */
export async function readTrainerState(folder: CheckpointFolder): Promise<TrainerState> {
  try {
    return (await folder.open(STATE_NAME, readState)) ?? { kind: "missing" };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return { kind: "unreadable", reason: reasonOf(error) };
  }
}

async function readState(source: ByteSource): Promise<TrainerState> {
  const { sizeBytes } = source;
  const ends = sizeBytes > HEAD_BYTES + TAIL_BYTES ? await readEnds(source) : undefined;
  if (ends !== undefined) {
    return { kind: "read", value: ends };
  }
  if (sizeBytes > MAX_STATE_BYTES) {
    return { kind: "too-large", reason: `it has ${sizeBytes} bytes, more than are read` };
  }
  const value = parseTolerantJson(await readText(source, 0, sizeBytes), STATE_NAME);
  return value instanceof Map ? { kind: "read", value } : { kind: "unreadable", reason: "it is no JSON object" };
}

/**
 * Trainer writes an indented object with sorted keys. A line break is never part of a text of JSON, so a line that holds but
 * the brace of a row is where one begins. Undefined for another layout; throws FormatError where the end is missing.
 */
async function readEnds(source: ByteSource): Promise<Map<string, JsonValue> | undefined> {
  const head = await readText(source, 0, HEAD_BYTES);
  const tail = await readText(source, source.sizeBytes - TAIL_BYTES, TAIL_BYTES);
  if (!tail.trimEnd().endsWith("}")) {
    throw new FormatError(STATE_NAME, source.sizeBytes, "its end is missing");
  }
  const log = head.indexOf(',\n  "log_history": [\n');
  const row = tail.indexOf("\n    {\n");
  if (log < 0 || row < 0) {
    return undefined;
  }
  const first = parseTolerantJson(`${head.slice(0, log)}}`, STATE_NAME);
  const last = parseTolerantJson(`{"log_history": [${tail.slice(row)}`, STATE_NAME);
  return first instanceof Map && last instanceof Map ? new Map([...first, ...last]) : undefined;
}

async function readText(source: ByteSource, offset: number, length: number): Promise<string> {
  // On Windows, Python ends its lines with two characters.
  return new TextDecoder().decode(await source.read(offset, length)).replaceAll("\r\n", "\n");
}
