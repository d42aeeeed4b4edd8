import { lstat, readdir, readFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";
import { parseJson } from "../../core/base/parseJson.ts";
import { errorCode } from "../base/fileErrors.ts";

/** A server that does not answer sooner is stuck. */
const ANSWER_MS = 3_000;
const LOOK_AGAIN_MS = 250;
const HOST = "127.0.0.1";

/** What TensorBoard says about itself takes some hundred bytes. */
const MAX_ANSWER_BYTES = 64 << 10;

/**
 * What each TensorBoard writes about itself into `<temporary folder>/.tensorboard-info/pid-<pid>.info` while it runs
 * (tensorboard/manager.py), so that others find it. The folder is everybody's: a prefix that is no path could name another
 * host, and a number that is no process's was not written by TensorBoard.
 */
const infoSchema = z.object({
  logdir: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  pid: z.number().int().min(2),
  path_prefix: z.string().regex(/^(?:\/[\w.-]+)*$/),
});

const environmentSchema = z.object({ data_location: z.string().optional() });

/**
 * The address of the TensorBoard that shows a folder already, which this user started in whatever way. Of one that was killed
 * a note stays behind, which counts only where the one that answers now says itself that it shows the folder.
 */
export async function findTensorBoard(
  logFolder: string,
  notes = join(tmpdir(), ".tensorboard-info"),
): Promise<string | undefined> {
  for (const name of await listNotes(notes)) {
    const note = readNote(await readOwnFile(join(notes, name)));
    if (note !== undefined && resolve(note.logdir) === resolve(logFolder)) {
      const url = tensorBoardUrl(note.port, note.path_prefix);
      const shown = (await environmentOf(url))?.data_location;
      if (shown !== undefined && resolve(shown) === resolve(logFolder)) {
        return url;
      }
    }
  }
  return undefined;
}

/** The text of a file that this user wrote; "" for any other. Windows has a temporary folder for each user. */
async function readOwnFile(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  const isOwn = found?.isFile() === true && (process.getuid === undefined || found.uid === process.getuid());
  return isOwn ? readFile(path, "utf8").catch(() => "") : "";
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
  return infoSchema.safeParse(parseJson(text)).data;
}

/** Resolves when the server answers; rejects when the signal says that it will not. */
export async function waitForTensorBoard(url: string, signal: AbortSignal): Promise<void> {
  while ((await environmentOf(url)) === undefined) {
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

/** What a server says about itself at a path that TensorBoard alone has; undefined for any other server, and for none. */
function environmentOf(url: string): Promise<z.infer<typeof environmentSchema> | undefined> {
  return new Promise((finish) => {
    const request = get(`${url}data/environment`, { timeout: ANSWER_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_BYTES) {
          request.destroy();
        }
      });
      response.on("end", () =>
        finish(response.statusCode === 200 ? environmentSchema.safeParse(parseJson(text)).data : undefined),
      );
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => finish(undefined));
    request.on("close", () => finish(undefined));
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

export function tensorBoardUrl(port: number, prefix = ""): string {
  return `http://${HOST}:${port}${prefix}/`;
}
