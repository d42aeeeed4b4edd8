import { open } from "node:fs/promises";
import { join } from "node:path";
import type { FlowTask } from "../../../core/metaflow/runs/flowRun.ts";
import { errorCode } from "../../base/fileErrors.ts";
import type { RunName } from "./localDatastore.ts";

/** More is no reading matter; the end is what tells. */
const MAX_LOG_BYTES = 2_000_000;

/** `[MFLOG|0|2026-11-21T13:58:25.123Z|task|<id>]text` */
const FRAME = /^\[MFLOG\|\d+\|([^|\]]+)\|[^|\]]*\|[^\]]*\](.*)$/;

type LogLine = { time: string; text: string };

/**
 * What the last attempt of a task printed, both streams in the order of their times; "" where there is nothing. Metaflow
 * writes it when the task has ended.
 */
export async function readTaskLog(
  root: string,
  { flow, id }: RunName,
  task: Pick<FlowTask, "step" | "id" | "attempt">,
): Promise<string> {
  const folder = join(root, flow, id, task.step, task.id);
  const streams = await Promise.all(
    ["runtime_stdout", "runtime_stderr", "task_stdout", "task_stderr"].map((name) =>
      readEnd(join(folder, `${task.attempt}.${name}.log`)),
    ),
  );
  return streams
    .flatMap(framedLines)
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .map(({ text }) => text)
    .join("\n");
}

/** The exception that ended a task, in the words of its log; undefined where that shows none. */
export async function readException(...task: Parameters<typeof readTaskLog>): Promise<string | undefined> {
  const lines = (await readTaskLog(...task)).split("\n");
  const traceback = lines.findLastIndex((line) => line.startsWith("Traceback (most recent call last)"));
  return traceback === -1 ? undefined : lines.slice(traceback + 1).find((line) => /^\S/.test(line));
}

/** A line without a frame belongs to the one above it. */
function framedLines(stream: string): LogLine[] {
  let time = "";
  const lines = stream === "" ? [] : stream.replace(/\n$/, "").split("\n");
  return lines.map((line) => {
    const [, at, text] = FRAME.exec(line) ?? [];
    time = at ?? time;
    return { time, text: text ?? line };
  });
}

async function readEnd(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, MAX_LOG_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.subarray(0, bytesRead).toString("utf8");
    return size > MAX_LOG_BYTES ? `… the first ${size - MAX_LOG_BYTES} bytes are in ${path}\n${text}` : text;
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return "";
  }
}
