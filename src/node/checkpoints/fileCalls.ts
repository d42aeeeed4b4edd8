import { closeSync, type Dirent, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { isMainThread } from "node:worker_threads";
import { errorCode } from "../base/fileErrors.ts";
import { mapConcurrently } from "./mapConcurrently.ts";

/** An open file. Contract: `read` fills from `offset` of the file and resolves with how many bytes there were. */
export type OpenFile = {
  stat(): Promise<Stats>;
  read(into: Uint8Array, from: number, offset: number): Promise<number>;
  close(): Promise<void>;
};

type FileCalls = {
  open(path: string, flags: number): Promise<OpenFile>;
  stat(path: string): Promise<Stats>;
  /** The same for many, in their order; what one is refused with stands in its place. */
  statEach(paths: readonly string[]): Promise<(Stats | Error)[]>;
  readdir(path: string): Promise<Dirent[]>;
};

const CONCURRENT_CALLS = 16;

/** Through the pool of threads: nothing waits here, also where a network disk does not answer. */
const pooled: FileCalls = {
  async open(path, flags) {
    const file = await open(path, flags);
    return {
      stat: () => file.stat(),
      read: async (into, from, offset) => (await file.read(into, from, into.length - from, offset)).bytesRead,
      close: () => file.close(),
    };
  },
  stat: (path) => stat(path),
  statEach: (paths) => mapConcurrently(paths, CONCURRENT_CALLS, (path) => stat(path).catch(asError)),
  readdir: (path) => readdir(path, { withFileTypes: true }),
};

let beforeCall = (): void => undefined;

/** Tells a thread of its own of each call before it waits for the system. */
export function beforeEachFileCall(tell: () => void): void {
  beforeCall = tell;
}

/** Straight to the system: a tenth of what the way through the pool takes, for a thread that may wait. */
const direct: FileCalls = {
  async open(path, flags) {
    beforeCall();
    const file = openSync(path, flags);
    return {
      stat: async () => fstatSync(file),
      async read(into, from, offset) {
        beforeCall();
        return readSync(file, into, from, into.length - from, offset);
      },
      close: async () => closeSync(file),
    };
  },
  async stat(path) {
    beforeCall();
    return statSync(path);
  },
  async statEach(paths) {
    return paths.map((path) => {
      beforeCall();
      try {
        return statSync(path);
      } catch (error) {
        return asError(error);
      }
    });
  },
  async readdir(path) {
    beforeCall();
    return readdirSync(path, { withFileTypes: true });
  },
};

function asError(error: unknown): Error {
  if (errorCode(error) === undefined || !(error instanceof Error)) {
    throw error;
  }
  return error;
}

/** What the readers of checkpoints ask the system for; only a thread of their own may wait for it. */
export const fileCalls: FileCalls = isMainThread ? pooled : direct;
