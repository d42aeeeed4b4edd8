import { readdir, readFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";
import { errorCode } from "../base/fileErrors.ts";

/** A TensorBoard that answers. */
export type RunningTensorBoard = { url: string; pid: number };

/** A server that does not answer sooner is stuck. */
const ANSWER_MS = 3_000;
const LOOK_AGAIN_MS = 250;
const HOST = "127.0.0.1";

/**
 * What each TensorBoard writes about itself into `<temporary folder>/.tensorboard-info/pid-<pid>.info` while it runs
 * (tensorboard/manager.py), so that others find it.
 */
const infoSchema = z.object({
  logdir: z.string(),
  port: z.number().int(),
  pid: z.number().int(),
  path_prefix: z.string(),
});

/** The TensorBoard that shows a folder already, whoever started it; one that was killed leaves a note that answers no more. */
export async function findTensorBoard(logFolder: string, notes = join(tmpdir(), ".tensorboard-info")) {
  for (const name of await listNotes(notes)) {
    const note = readNote(await readFile(join(notes, name), "utf8").catch(() => ""));
    if (note !== undefined && note.logdir !== "" && resolve(note.logdir) === resolve(logFolder)) {
      const url = `http://${HOST}:${note.port}${note.path_prefix}/`;
      if (await answers(url)) {
        return { url, pid: note.pid } satisfies RunningTensorBoard;
      }
    }
  }
  return undefined;
}

async function listNotes(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^pid-\d+\.info$/.test(name));
  } catch (error) {
    if (["ENOENT", "EACCES", "ENOTDIR"].includes(errorCode(error) ?? "")) {
      return [];
    }
    throw error;
  }
}

function readNote(text: string): z.infer<typeof infoSchema> | undefined {
  try {
    return infoSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Resolves when the server answers; rejects when the signal says that it will not. */
export async function waitForTensorBoard(url: string, signal: AbortSignal): Promise<void> {
  while (!(await answers(url))) {
    await pause(LOOK_AGAIN_MS, signal);
  }
}

function pause(timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((finish, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(finish, timeoutMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** TensorBoard alone has this path; something else on an old port does not count. */
function answers(url: string): Promise<boolean> {
  return new Promise((finish) => {
    const request = get(`${url}data/environment`, { timeout: ANSWER_MS }, (response) => {
      response.resume();
      finish(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => finish(false));
  });
}

/** A port of the loopback interface that nobody uses now. */
export function findFreePort(): Promise<number> {
  return new Promise((finish, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => finish(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** The words that start TensorBoard for a folder, reachable from this machine alone. */
export function tensorBoardWords(logFolder: string, port: number): string[] {
  return ["-m", "tensorboard.main", "--logdir", logFolder, "--host", HOST, "--port", String(port)];
}

export function tensorBoardUrl(port: number): string {
  return `http://${HOST}:${port}/`;
}
