import type { CheckpointFolder } from "../checkpointFolder.ts";
import { type Completeness, torn, unknown, whole } from "../checkpointSummary.ts";
import type { FormatReading } from "../formatReading.ts";
import { entriesOf, type PickleValue } from "../inertPickleValue.ts";
import {
  firstMissing,
  mergeContents,
  mergeTensors,
  openTorchObject,
  readParts,
  readPointer,
  withImports,
} from "./folderParts.ts";

/*
 * DeepSpeed saves a folder per step, and beside it a text file `latest` with its name once all ranks are done:
 *
 *   global_step<N>/  mp_rank_<MM>_model_states.pt                          the model, one file per model-parallel rank
 *                    [bf16_|fp16_]zero_pp_rank_<R>_mp_rank_<MM>_optim_states.pt    one per data-parallel rank with ZeRO
 *                    zero_pp_rank_<R>_mp_rank_<MM>_model_states.pt          with ZeRO stage 3
 *                    layer_<L>-model_<MM>-model_states.pt                   with pipeline parallelism
 *
 * https://github.com/deepspeedai/DeepSpeed/blob/master/deepspeed/runtime/engine.py
 */

const FORMAT = "deepspeed-folder";
const modelPattern = /^mp_rank_(\d+)_model_states\.pt$/;
const layerPattern = /^layer_\d+-model_\d+-model_states\.pt$/;
const zeroPattern = /^(?:bf16_|fp16_)?zero_pp_rank_(\d+)_mp_rank_(\d+)_(optim|model)_states\.pt$/;

/** Reads every rank's files, and says which rank's are missing. Throws only what the folder throws. */
export async function readDeepspeedFolder(folder: CheckpointFolder): Promise<FormatReading> {
  const names = folder.files.map(({ name }) => name);
  const modelNames = names.filter((name) => modelPattern.test(name) || layerPattern.test(name));
  const model = await readParts(folder, modelNames);
  const zero = await readParts(
    folder,
    names.filter((name) => zeroPattern.test(name)),
  );
  const state = entriesOf((await openTorchObject(folder, "mp_rank_00_model_states.pt"))?.root);
  const missing = missingRank(names, state);
  const pending = await judgePointer(folder);
  const completeness =
    missing ??
    model.problem ??
    zero.problem ??
    pending ??
    whole(`all ${names.filter(isState).length} files of its ranks are complete`);
  const contents = mergeContents(model.parts.map(({ summary }) => summary));
  return {
    format: FORMAT,
    completeness,
    contents: {
      ...withImports(
        contents,
        zero.parts.flatMap(({ summary }) => summary.imports),
      ),
      hasOptimizerState: contents.hasOptimizerState || names.some((name) => zeroPattern.exec(name)?.[3] === "optim"),
      framework: { name: "DeepSpeed", ...versionOf(state) },
    },
    tensors: mergeTensors(model.parts),
  };
}

function isState(name: string): boolean {
  return modelPattern.test(name) || layerPattern.test(name) || zeroPattern.test(name);
}

/** The rank whose file is not there, told by the world sizes that rank 0 wrote down and by gaps in the numbers. */
function missingRank(
  names: readonly string[],
  state: ReadonlyMap<PickleValue, PickleValue> | undefined,
): Completeness | undefined {
  const models = new Set(names.flatMap((name) => Number(modelPattern.exec(name)?.[1] ?? Number.NaN)));
  models.delete(Number.NaN);
  const modelCount = Math.max(worldSize(state, "mp_world_size"), 1, ...[...models].map((rank) => rank + 1));
  const missingModel = firstMissing(models, modelCount);
  if (missingModel !== undefined && models.size > 0) {
    return torn(
      `mp_rank_${pad(missingModel)}_model_states.pt is missing: ${models.size} of ${modelCount} model-parallel ranks are there`,
    );
  }
  for (const kind of ["optim", "model"]) {
    const ranks = new Map<number, Set<number>>();
    for (const name of names) {
      const [, rank, modelRank, found] = zeroPattern.exec(name) ?? [];
      if (found === kind) {
        const known = ranks.get(Number(modelRank)) ?? new Set<number>();
        ranks.set(Number(modelRank), known.add(Number(rank)));
      }
    }
    const missing =
      ranks.size === 0 ? undefined : missingZeroRank(ranks, worldSize(state, "dp_world_size"), modelCount);
    if (missing !== undefined) {
      return torn(`zero_pp_rank_${missing.rank}_mp_rank_${pad(missing.modelRank)}_${kind}_states.pt is missing`);
    }
  }
  return models.size === 0 &&
    !names.some((name) => layerPattern.test(name)) &&
    !names.some((name) => zeroPattern.exec(name)?.[3] === "model")
    ? torn("the files of the model, mp_rank_…_model_states.pt, are missing")
    : undefined;
}

function missingZeroRank(
  ranks: ReadonlyMap<number, ReadonlySet<number>>,
  stated: number,
  modelCount: number,
): { rank: number; modelRank: number } | undefined {
  const highest = Math.max(...[...ranks.values()].flatMap((known) => [...known]));
  for (let modelRank = 0; modelRank < modelCount; modelRank++) {
    const rank = firstMissing(ranks.get(modelRank) ?? new Set(), Math.max(stated, highest + 1));
    if (rank !== undefined) {
      return { rank, modelRank };
    }
  }
  return undefined;
}

/** `latest` is written when all ranks are done; a later step than the one it names was not finished. */
async function judgePointer(folder: CheckpointFolder): Promise<Completeness | undefined> {
  const latest = await readPointer(await folder.enter(".."), "latest");
  const step = stepOf(folder.name);
  const latestStep = latest === undefined ? undefined : stepOf(latest);
  return step !== undefined && latestStep !== undefined && latestStep < step
    ? unknown(`"latest" still names ${latest?.slice(0, 60)}, so it was not finished or belongs to an earlier attempt`)
    : undefined;
}

function stepOf(tag: string): number | undefined {
  const digits = /^global_step(\d{1,12})$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A size that a damaged file made absurd is not believed. */
function worldSize(state: ReadonlyMap<PickleValue, PickleValue> | undefined, key: string): number {
  const size = state?.get(key);
  return typeof size === "number" && Number.isSafeInteger(size) && size > 0 && size <= 100_000 ? size : 0;
}

function versionOf(state: ReadonlyMap<PickleValue, PickleValue> | undefined): { version?: string } {
  const version = state?.get("ds_version");
  return typeof version === "string" ? { version: version.slice(0, 40) } : {};
}

function pad(rank: number): string {
  return String(rank).padStart(2, "0");
}
