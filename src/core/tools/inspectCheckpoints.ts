import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { bestBy, type CheckpointListing, chooseMetric } from "../checkpoints/checkpointListing.ts";
import type { CheckpointSummary } from "../checkpoints/checkpointSummary.ts";
import {
  type DiskSpace,
  describeCheckpointFolder,
  describeCheckpointFully,
} from "../checkpoints/describeCheckpoint.ts";
import { forecastDisk } from "../checkpoints/diskForecast.ts";
import { newestToResume } from "../checkpoints/newestCheckpoint.ts";
import { defineTool, type Tool, type ToolResult } from "./tool.ts";
import { printableText } from "./toolText.ts";

/**
 * Reads checkpoints from disk.
 * Contract: `list` resolves with a listing that says so where the folder is missing or unreadable; `read` throws
 * UserError, and answers a folder that is no checkpoint itself with the format `unknown`. Neither executes anything of a file.
 */
export type CheckpointReader = {
  read(path: string): Promise<CheckpointSummary>;
  list(folder: string, signal: AbortSignal): Promise<CheckpointListing>;
  disk(folder: string): Promise<DiskSpace | undefined>;
};

export type LocatedPath = { path: string; kind: "file" | "folder" | "missing"; isInWorkspace: boolean };

/**
 * Where paths lead and what may be read.
 * Contract: `locate` follows symbolic links before it says whether a path is in the workspace; a relative path starts
 * at the first workspace folder.
 */
export type CheckpointPlaces = {
  locate(path: string): Promise<LocatedPath>;
  /** The checkpoint folders of known runs, latest run first. */
  knownFolders(): Promise<readonly string[]>;
};

const inputSchema = z.object({
  path: printableText(4_096)
    .min(1)
    .optional()
    .describe(
      "A checkpoint file or a folder of checkpoints, absolute or relative to the workspace. Without it, the checkpoint folders of the known runs are listed.",
    ),
});

type Input = z.infer<typeof inputSchema>;

/** A model reads the text; more folders than these belong into separate questions. */
const MAX_FOLDERS = 5;

export function inspectCheckpointsTool(ports: { reader: CheckpointReader; places: CheckpointPlaces }): Tool<Input> {
  return defineTool({
    name: "trainyard_inspect_checkpoints",
    referenceName: "trainyardInspectCheckpoints",
    displayName: "Inspect Checkpoints",
    modelDescription:
      "Reads model checkpoints without loading or executing them: PyTorch (.pt, .pth, .ckpt, .bin), safetensors, GGUF, Keras and HDF5, TensorFlow (.index), NumPy, pickle and joblib, " +
      "and folders of Hugging Face Trainer, accelerate, torch.distributed.checkpoint, DeepSpeed, Megatron-LM and Orbax. " +
      "For a file: whether it is whole or torn, epoch, step, metrics, hyper-parameters, parameter count, whether optimizer and scheduler state are there, and whether loading it would run code. " +
      "For a folder: a table, newest first, with the best by its metric and the newest whole one, which is the one to resume from. " +
      "Use it before resuming, evaluating or deploying a model, and whenever someone asks what a training has produced. It changes nothing. Lists the twenty newest in text; data holds all.",
    userDescription: "See what checkpoint files hold and which of them are whole, without loading them.",
    icon: "$(archive)",
    input: inputSchema,
    progress: ({ path }) => (path === undefined ? "Reading the checkpoints of the known runs" : `Reading ${path}`),
    run: ({ path }, signal) => (path === undefined ? inspectKnown(ports, signal) : inspectPath(ports, path, signal)),
  });
}

type Ports = { reader: CheckpointReader; places: CheckpointPlaces };

async function inspectPath({ reader, places }: Ports, path: string, signal: AbortSignal): Promise<ToolResult> {
  const located = await places.locate(path);
  // A model may not widen where it looks; what a person picks goes through the command instead.
  if (!located.isInWorkspace) {
    throw new UserError(
      `${path} lies outside the workspace, where no tool reads checkpoints. A person can look at them with "Trainyard: Inspect Checkpoints…".`,
    );
  }
  if (located.kind === "missing") {
    throw new UserError(
      `There is no file or folder ${path}. Check the path, or leave it out to see the known runs' checkpoints.`,
    );
  }
  signal.throwIfAborted();
  const summary = await reader.read(located.path);
  // A folder that is no checkpoint itself is a folder of checkpoints.
  return summary.kind === "folder" && summary.format === "unknown"
    ? describeFolders(reader, [await reader.list(located.path, signal)])
    : describeOne(summary);
}

async function inspectKnown({ reader, places }: Ports, signal: AbortSignal): Promise<ToolResult> {
  const folders = (await places.knownFolders()).slice(0, MAX_FOLDERS);
  if (folders.length === 0) {
    return {
      text: "No run is known yet, so there is no checkpoint folder to look into. Name a file or folder, or start a training first.",
      data: { folders: [] },
    };
  }
  const listings: CheckpointListing[] = [];
  for (const folder of folders) {
    signal.throwIfAborted();
    listings.push(await reader.list(folder, signal));
  }
  return describeFolders(reader, listings);
}

function describeOne(summary: CheckpointSummary): ToolResult {
  return { text: describeCheckpointFully(summary), data: { checkpoint: summary } };
}

async function describeFolders(reader: CheckpointReader, listings: readonly CheckpointListing[]): Promise<ToolResult> {
  const texts: string[] = [];
  const folders: object[] = [];
  for (const listing of listings) {
    const disk = listing.kind === "listed" ? await reader.disk(listing.folder) : undefined;
    const table = describeCheckpointFolder(listing, { disk });
    folders.push(folderData(listing, disk));
    texts.push(listings.length > 1 ? `### ${escapeMarkdown(listing.folder)}\n\n${table}` : table);
  }
  return { text: texts.join("\n\n"), data: { folders } };
}

/** A listing with its conclusions, as tools, cards and the command line hand it on. */
export function folderData(listing: CheckpointListing, disk?: DiskSpace): object {
  if (listing.kind !== "listed") {
    return listing;
  }
  const metric = chooseMetric(listing.entries);
  const best = metric === undefined ? undefined : bestBy(listing.entries, metric);
  const newest = newestToResume(listing.entries);
  const forecast = disk && forecastDisk(listing.entries, disk);
  return {
    ...listing,
    ...(disk !== undefined && { freeBytes: disk.freeBytes }),
    ...(forecast !== undefined && { forecast }),
    ...(newest !== undefined && { newestWhole: newest.path }),
    ...(best !== undefined && {
      best: { path: best.entry.path, metric: best.metric, value: best.value, direction: best.direction },
    }),
  };
}
