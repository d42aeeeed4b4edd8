import type { CheckpointFolder } from "../checkpointFolder.ts";
import {
  type CheckpointContents,
  type Completeness,
  emptyContents,
  torn,
  unknown,
  whole,
} from "../checkpointSummary.ts";
import type { FormatReading } from "../formatReading.ts";
import { entriesOf } from "../inertPickleValue.ts";
import type { CheckpointDetails } from "../readCheckpointFile.ts";
import { readDistributedFolder } from "./distributedFolder.ts";
import {
  MAX_PARTS,
  mergeContents,
  mergeTensors,
  openTorchObject,
  readParts,
  readPointer,
  withImports,
} from "./folderParts.ts";

/*
 * Megatron-LM saves a folder per iteration, and beside it a text file with its number once all ranks are done:
 *
 *   latest_checkpointed_iteration.txt
 *   iter_0001000/  mp_rank_<TT>[_<PPP>[_<EEE>]]/model_optim_rng.pt     one folder per tensor-, pipeline-, expert-parallel rank
 *                                               distrib_optim.pt       with a distributed optimizer
 *   iter_0001000/  .metadata  __<rank>_<n>.distcp  common.pt            in its newer, distributed form
 *
 * https://github.com/NVIDIA/Megatron-LM/blob/main/megatron/training/checkpointing.py
 */

const FORMAT = "megatron-folder";
const POINTER = "latest_checkpointed_iteration.txt";
const rankPattern = /^mp_rank_(\d{2,})(?:_(\d{3}))?(?:_(\d{3}))?$/;
const modelPattern = /^model(_optim)?_rng\.pt$/;
const MAX_RANKS = 100_000;

/** Reads every rank's files, and says which rank's are missing. Throws only what the folder throws. */
export async function readMegatronFolder(folder: CheckpointFolder): Promise<FormatReading> {
  const names = folder.files.map(({ name }) => name);
  const reading = names.some((name) => name === ".metadata" || name.endsWith(".distcp"))
    ? await readDistributed(folder)
    : await readRanks(folder);
  const iteration = /^iter_(\d{1,12})$/.exec(folder.name)?.[1];
  const pending = reading.completeness.state === "whole" ? await judgePointer(folder, Number(iteration)) : undefined;
  return {
    ...reading,
    format: FORMAT,
    completeness: pending ?? reading.completeness,
    contents: {
      ...reading.contents,
      ...(iteration !== undefined && { step: Number(iteration) }),
      framework: { name: "Megatron-LM" },
    },
  };
}

/** What all ranks have in common lies in common.pt, the rest in pieces. */
async function readDistributed(folder: CheckpointFolder): Promise<FormatReading> {
  const reading = await readDistributedFolder(folder);
  const { parts, problem } = await readParts(folder, ["common.pt"]);
  const [common] = parts;
  const isWhole = reading.completeness.state === "whole";
  const settings = common?.summary.hyperParameters ?? reading.contents.hyperParameters;
  return {
    ...reading,
    completeness: isWhole && problem !== undefined ? problem : reading.completeness,
    contents: {
      ...withImports(reading.contents, common?.summary.imports ?? []),
      ...(settings !== undefined && { hyperParameters: settings }),
      hasSchedulerState: reading.contents.hasSchedulerState || (common?.summary.hasSchedulerState ?? false),
    },
  };
}

type Rank = { name: string; axes: readonly number[] };

async function readRanks(folder: CheckpointFolder): Promise<FormatReading> {
  const ranks = folder.folders.slice(0, MAX_PARTS).flatMap((name): Rank[] => {
    const [, ...digits] = rankPattern.exec(name) ?? [];
    const axes = digits.filter((each) => each !== undefined).map(Number);
    return axes.length === 0 ? [] : [{ name, axes }];
  });
  const parts: CheckpointDetails[] = [];
  let problem: Completeness | undefined = ranks.length === 0 ? torn("no rank has written to it yet") : undefined;
  let expected: readonly number[] = [];
  for (const rank of ranks) {
    const inner = await folder.enter(rank.name);
    const files = (inner?.files ?? []).map(({ name }) => name).filter((name) => name.endsWith(".pt"));
    const read = inner === undefined ? { parts: [], problem: undefined } : await readParts(inner, files);
    const model = read.parts.find(({ summary }) => modelPattern.test(summary.name));
    if (inner === undefined || model === undefined) {
      problem ??= torn(`${rank.name} holds no model_optim_rng.pt`);
      continue;
    }
    problem ??= read.problem && { ...read.problem, reason: `${rank.name}/${read.problem.reason}` };
    expected = expected.length > 0 ? expected : await parallelSizes(inner, model.summary.name);
    parts.push({ ...model, summary: { ...model.summary, name: rank.name } });
  }
  const missing = ranks.length === 0 ? undefined : missingRank(ranks, expected);
  return {
    format: FORMAT,
    completeness:
      missing ??
      problem ??
      whole(ranks.length === 1 ? "its one rank is complete" : `all ${ranks.length} ranks are complete`),
    contents: ranks.length === 0 ? emptyContents : contentsOf(parts),
    tensors: mergeTensors(parts),
  };
}

function contentsOf(parts: readonly CheckpointDetails[]): CheckpointContents {
  return mergeContents(parts.map(({ summary }) => summary));
}

/** How many tensor- and pipeline-parallel ranks there were, as the arguments in the file say. */
async function parallelSizes(folder: CheckpointFolder, name: string): Promise<readonly number[]> {
  const root = (await openTorchObject(folder, name))?.root;
  const settings = entriesOf(entriesOf(root)?.get("args"));
  return ["tensor_model_parallel_size", "pipeline_model_parallel_size"].map((key) => {
    const size = settings?.get(key);
    return typeof size === "number" && Number.isSafeInteger(size) && size > 0 && size <= MAX_RANKS ? size : 1;
  });
}

/** Ranks fill a grid of tensor, pipeline and expert ranks; its size is the larger of what is stated and what is there. */
function missingRank(ranks: readonly Rank[], stated: readonly number[]): Completeness | undefined {
  const depth = Math.max(...ranks.map(({ axes }) => axes.length));
  const sizes = Array.from({ length: depth }, (_, axis) =>
    Math.max(stated[axis] ?? 1, ...ranks.map(({ axes }) => (axes[axis] ?? 0) + 1)),
  );
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count > MAX_RANKS) {
    return unknown("its ranks are numbered in a way that is not known");
  }
  const there = new Set(ranks.map(({ axes }) => axes.join(" ")));
  for (let index = 0; index < count; index++) {
    const axes = axesOf(index, sizes);
    if (!there.has(axes.join(" "))) {
      const name = axes.map((rank, axis) => String(rank).padStart(axis === 0 ? 2 : 3, "0")).join("_");
      return torn(`mp_rank_${name} is missing: ${there.size} of ${count} ranks are there`);
    }
  }
  return undefined;
}

function axesOf(index: number, sizes: readonly number[]): number[] {
  let rest = index;
  return sizes.map((size) => {
    const rank = rest % size;
    rest = Math.floor(rest / size);
    return rank;
  });
}

async function judgePointer(folder: CheckpointFolder, iteration: number): Promise<Completeness | undefined> {
  const latest = await readPointer(await folder.enter(".."), POINTER);
  const isEarlier = latest !== undefined && /^\d+$/.test(latest) && Number(latest) < iteration;
  return isEarlier
    ? unknown(`${POINTER} still says ${latest.slice(0, 20)}, so it was not finished or belongs to an earlier attempt`)
    : undefined;
}
