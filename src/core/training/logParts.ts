import * as z from "zod/mini";
import { SUPERVISOR_PREFIX } from "./runLog.ts";

/*
 * The log of a run, in the folder of the run:
 *
 *   train.log       the beginning; all of it unless it grows long
 *   train.<n>.log   goes on with line n
 *
 * Lines are numbered through all parts, so a number means the same line whatever becomes of the others. Every part but
 * the newest ends with a line of the supervisor's own that names the next one. When the whole would exceed its limit,
 * the oldest part but the first is deleted: what tells most is how a training began and how it ended.
 */

const lineRangeSchema = z.object({ first: z.int(), last: z.int() });

/** Of a log that is more than one file: the first line of each part that is there, and the lines that are in none any more. */
export const logPartsSchema = z.object({ parts: z.array(z.int()), missing: z.array(lineRangeSchema) });

export type LineRange = z.infer<typeof lineRangeSchema>;
export type LogParts = z.infer<typeof logPartsSchema>;

/** The first part, and the name that the log as a whole goes by. */
export const LOG_FILE = "train.log";

/** Enough for days of an ordinary training, little beside its checkpoints. */
export const DEFAULT_LOG_LIMIT_MIB = 1_024;

/** What a person may set: of less, the ending that a diagnosis reads would not be left. */
export const logLimitSchema = z.number().check(z.minimum(16), z.maximum(1_048_576));

const MIB = 2 ** 20;
/** An editor opens a file of this size with everything it has; VS Code hides one above 50 MB from extensions. */
const PART_BYTES = 32 * MIB;
/** Of a short log, enough parts that the end stays long when one is dropped. */
const MIN_PARTS = 8;
/** Their names stand in the status, which is written every second. */
const MAX_PARTS = 64;

/** How long the log as a whole and each of its parts may be, in bytes. A part holds one line at least. */
export function logSizes(limitMiB = DEFAULT_LOG_LIMIT_MIB): { limitBytes: number; partBytes: number } {
  const limitBytes = Math.floor(limitMiB * MIB);
  const partBytes = Math.max(Math.min(limitBytes / MIN_PARTS, PART_BYTES), limitBytes / MAX_PARTS);
  return { limitBytes, partBytes: Math.floor(partBytes) };
}

/** The file that begins with a line; the first line of a log has number one. */
export function logPartName(firstLine: number): string {
  return firstLine === 1 ? LOG_FILE : `train.${firstLine}.log`;
}

/** The number of the first line in a file of this name; undefined for a file that is no part of a log. */
export function readLogPartName(name: string): number | undefined {
  if (name === LOG_FILE) {
    return 1;
  }
  const number = Number(/^train\.([1-9]\d{0,14})\.log$/.exec(name)?.[1] ?? 1);
  return number === 1 ? undefined : number;
}

/** What the last line of a part says. */
export function renderGoesOn(firstLine: number): string {
  return `${SUPERVISOR_PREFIX}The log goes on in ${logPartName(firstLine)}.`;
}

/** The number of the line that the next part begins with; undefined for any other line. */
export function readGoesOn(text: string): number | undefined {
  const [, name = ""] = /^\[trainyard\] The log goes on in (\S+)\.$/.exec(text) ?? [];
  return readLogPartName(name);
}

/** Where a line is: the file and the number in that file. Undefined for a line that is in no part any more. */
export function locateLogLine(line: number, log?: LogParts): { file: string; line: number } | undefined {
  if (log?.missing.some(({ first, last }) => first <= line && line <= last) === true) {
    return undefined;
  }
  const part = log?.parts.findLast((firstLine) => firstLine <= line) ?? 1;
  return { file: logPartName(part), line: line - part + 1 };
}

/** `train.log line 12`, for a sentence. */
export function describeLogLine(line: number, log?: LogParts): string {
  const place = locateLogLine(line, log);
  return place === undefined ? `line ${line}, no longer in the log` : `${place.file} line ${place.line}`;
}

/** `12` where all of the log is one file, else `train.9001.log:15`. */
export function labelLogLine(line: number, log?: LogParts): string {
  const place = log && locateLogLine(line, log);
  return place === undefined ? String(line) : `${place.file}:${place.line}`;
}

/** A sentence about the lines that a log has lost; undefined for a log that has them all. */
export function describeMissingLines(missing: readonly LineRange[] = []): string | undefined {
  if (missing.length === 0) {
    return undefined;
  }
  const ranges = missing.map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  const isOne = missing.length === 1 && missing[0]?.first === missing[0]?.last;
  const subject = isOne ? `Line ${ranges[0]} is` : `Lines ${new Intl.ListFormat("en-GB").format(ranges)} are`;
  // The first part is never dropped to save space.
  const kept = missing[0]?.first === 1 ? ": its file was removed" : ", which keeps its beginning and its end";
  return `${subject} no longer in the log${kept}.`;
}
