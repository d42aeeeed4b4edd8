import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { newestWhole } from "../../core/checkpoints/checkpointListing.ts";
import { describeCheckpointFolder, describeCheckpointFully } from "../../core/checkpoints/describeCheckpoint.ts";
import { folderData } from "../../core/tools/inspectCheckpoints.ts";
import { freeBytesAt, listCheckpointFolder } from "./listCheckpointFolder.ts";
import { readCheckpoint } from "./readCheckpoint.ts";

export type VerbIo = { stdout(text: string): void; stderr(text: string): void; cwd: string };

export type Verb = { name: string; usage: string; run(argv: string[], io: VerbIo): Promise<number> };

const USAGE_ERROR = 2;

/** `trainyard checkpoints <file-or-folder> [--json]`: exit 0 where something could be read, 1 where not. */
export const checkpointsVerb: Verb = {
  name: "checkpoints",
  usage: "trainyard checkpoints <file-or-folder> [--json]",
  run: runCheckpointsVerb,
};

/** `trainyard newest <folder>`: prints the newest whole checkpoint, the one to resume from; exit 1 if there is none. */
export const newestVerb: Verb = { name: "newest", usage: "trainyard newest <folder>", run: runNewestVerb };

export async function runCheckpointsVerb(argv: string[], io: VerbIo): Promise<number> {
  const isJson = argv.includes("--json");
  const [target, ...rest] = argv.filter((argument) => argument !== "--json");
  if (target === undefined || rest.length > 0 || target.startsWith("--")) {
    io.stderr(`Usage: ${checkpointsVerb.usage}\n`);
    return USAGE_ERROR;
  }
  const path = resolve(io.cwd, target);
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  const summary = isFolder ? await readCheckpoint(path) : undefined;
  if (isFolder && summary?.format === "unknown") {
    const listing = await listCheckpointFolder(path);
    const freeBytes = await freeBytesAt(path);
    const text = describeCheckpointFolder(listing, freeBytes === undefined ? {} : { freeBytes });
    io.stdout(isJson ? toJson(folderData(listing)) : `${text}\n`);
    return listing.kind === "listed" ? 0 : 1;
  }
  const checkpoint = summary ?? (await readCheckpoint(path));
  io.stdout(isJson ? toJson(checkpoint) : `${describeCheckpointFully(checkpoint)}\n`);
  return 0;
}

export async function runNewestVerb(argv: string[], io: VerbIo): Promise<number> {
  const [target, ...rest] = argv;
  if (target === undefined || rest.length > 0 || target.startsWith("--")) {
    io.stderr(`Usage: ${newestVerb.usage}\n`);
    return USAGE_ERROR;
  }
  const listing = await listCheckpointFolder(resolve(io.cwd, target));
  if (listing.kind !== "listed") {
    io.stderr(`${listing.message}\n`);
    return 1;
  }
  const newest = newestWhole(listing.entries);
  if (newest === undefined) {
    io.stderr(`None of the ${listing.entries.length} checkpoints in ${listing.folder} is whole.\n`);
    return 1;
  }
  io.stdout(`${newest.path}\n`);
  return 0;
}

function toJson(value: object): string {
  return `${JSON.stringify(value, keepNonFinite, 2)}\n`;
}

/** NaN and infinities have no JSON; as texts they survive, where JSON.stringify would write null. */
function keepNonFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
