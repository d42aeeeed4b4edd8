import { readTrainerState } from "../../core/metrics/jsonLog.ts";
import type { Series } from "../../core/metrics/series.ts";
import type { LoggedValue, MetricTail } from "../../core/training/watchdog/loggedValue.ts";
import { isJudged } from "../../core/training/watchdog/lossRules.ts";
import { findMetricFiles, type MetricFile, type MetricFileKind, ROUNDING_MS } from "./metricFiles.ts";
import { TailedLog, WholeDocument } from "./tailedLog.ts";

/** The kinds that one file tells in order, the most exact first; stores of many runs are left to those who show curves. */
const KINDS = ["events", "trainer-state", "csv", "jsonl", "wandb"] as const satisfies readonly MetricFileKind[];

type FollowedKind = (typeof KINDS)[number];
type FollowedFile = MetricFile & { kind: FollowedKind };

/** What one look reads of all files: some ten thousand values. The process that looks has no compilers and little memory. */
const BYTES_PER_LOOK = 128 << 10;
const MIN_BYTES_PER_FILE = 4 << 10;
/** Of more, those that were written last are read. */
const MAX_FILES = 64;
/** A state is parsed as a whole; this one has some ten thousand entries. A larger one is left to those who show curves. */
const MAX_STATE_BYTES = 2_000_000;

/** The same tag of a log that was begun anew is another series; what it repeats was told. */
type Told = { series: Series; count: number; repeated: number };

type Followed = { log: TailedLog; told: Map<string, Told> };

/** Follows the metric files below some folders and tells each value once, without keeping any. */
export class AddedMetrics implements MetricTail {
  readonly #folders: readonly string[];
  readonly #startedMs: number;
  readonly #followed = new Map<string, Followed>();
  /** Up to where the values of a file are passed over, by its path. */
  readonly #passed = new Map<string, number>();
  /** The last step of the states of a place that was told or passed over. */
  readonly #stateSteps = new Map<string, number>();
  /** A run that logs the same to several kinds is told once: by the first that had values. */
  readonly #kindOf = new Map<string, FollowedKind>();

  constructor(folders: readonly string[], startedMs: number) {
    this.#folders = folders;
    this.#startedMs = startedMs;
  }

  async passOver(beforeMs = Number.POSITIVE_INFINITY): Promise<void> {
    for (const file of await this.#find()) {
      if (file.modifiedMs >= beforeMs) {
        continue;
      }
      this.#passed.set(file.path, file.sizeBytes);
      if (file.kind === "trainer-state") {
        this.#stateSteps.set(file.run, lastStep(await readState(file)));
      }
    }
  }

  async readAdded(): Promise<readonly LoggedValue[]> {
    const own = (await this.#find()).filter(({ modifiedMs }) => modifiedMs >= this.#startedMs - ROUNDING_MS);
    const files = own
      .toSorted((a, b) => b.modifiedMs - a.modifiedMs)
      .slice(0, MAX_FILES)
      .toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
    const share = Math.max(MIN_BYTES_PER_FILE, Math.floor(BYTES_PER_LOOK / Math.max(1, files.length)));
    const values: LoggedValue[] = [];
    for (const file of files) {
      if ((this.#kindOf.get(file.run) ?? file.kind) !== file.kind) {
        continue;
      }
      const added = file.kind === "trainer-state" ? await this.#readState(file) : await this.#readLog(file, share);
      if (added.length > 0) {
        this.#kindOf.set(file.run, file.kind);
        values.push(...added);
      }
    }
    return values.toSorted((a, b) => a.step - b.step);
  }

  async #find(): Promise<FollowedFile[]> {
    const found = new Map<string, FollowedFile>();
    for (const folder of this.#folders) {
      for (const file of await findMetricFiles(folder)) {
        if (isFollowed(file)) {
          found.set(file.path, file);
        }
      }
    }
    return [...found.values()];
  }

  async #readLog(file: FollowedFile, maxBytes: number): Promise<LoggedValue[]> {
    const known = this.#followed.get(file.path) ?? begin(file);
    this.#followed.set(file.path, known);
    const { log } = known;
    if (file.sizeBytes < (this.#passed.get(file.path) ?? 0)) {
      // Another file of the same name: nothing of it was there before.
      this.#passed.delete(file.path);
    }
    const unwanted = (this.#passed.get(file.path) ?? 0) - log.offset;
    await log.update(unwanted > 0 ? Math.min(unwanted, maxBytes) : maxBytes);
    const axis = axisOf(log.axis);
    const values = log.series.flatMap((series) =>
      newest(series.tag, takeNew(known.told, series)).map(([step, value]): LoggedValue => {
        const { path, run } = file;
        return { file: path, place: run, tag: series.tag, step, axis, value };
      }),
    );
    log.forget();
    return unwanted > 0 ? [] : values;
  }

  async #readState(file: FollowedFile): Promise<LoggedValue[]> {
    if (file.sizeBytes === this.#passed.get(file.path)) {
      return [];
    }
    const series = await readState(file);
    const last = lastStep(series);
    const told = this.#stateSteps.get(file.run) ?? Number.NEGATIVE_INFINITY;
    // A state that ends before what was told is of a training that began anew.
    const after = last < told ? Number.NEGATIVE_INFINITY : told;
    this.#passed.set(file.path, file.sizeBytes);
    this.#stateSteps.set(file.run, last);
    const { path, run } = file;
    return series.flatMap(({ tag, steps, values }) => {
      const added = pairsOf({ steps, values }).filter(([step]) => step > after);
      return newest(tag, added).map(([step, value]) => ({ file: path, place: run, tag, step, axis: "step", value }));
    });
  }
}

function isFollowed(file: MetricFile): file is FollowedFile {
  return KINDS.some((kind) => kind === file.kind);
}

function begin({ path, kind }: FollowedFile): Followed {
  // The tables of a training and of its validation may be files of their own.
  const [, split] = /([^\\/]+)\.(?:csv|jsonl)$/i.exec(path) ?? [];
  const prefix = split !== undefined && /^(?:train|val|valid|validation|eval|test)$/i.test(split) ? `${split}/` : "";
  return { log: new TailedLog(path, kind === "trainer-state" ? "jsonl" : kind, prefix), told: new Map() };
}

function axisOf(name = "step"): LoggedValue["axis"] {
  return name.trim().toLowerCase() === "epoch" ? "epoch" : "step";
}

type Pair = readonly [step: number, value: number];

function pairsOf({ steps, values }: Pick<Series, "steps" | "values">): Pair[] {
  return Array.from(values, (value, index): Pair => [steps[index] ?? 0, value]);
}

/** Of what is not judged, the last value is the news. */
function newest(tag: string, added: readonly Pair[]): readonly Pair[] {
  return isJudged(tag) ? added : added.slice(-1);
}

/** The values of a series that were not told before. Lightning writes its table anew for each new column. */
function takeNew(told: Map<string, Told>, series: Series): Pair[] {
  const known = told.get(series.tag);
  const now: Told =
    known?.series === series ? known : { series, count: known?.count ?? 0, repeated: known?.count ?? 0 };
  const values = pairsOf(series);
  const fresh = values.slice(now.repeated);
  told.set(series.tag, {
    series,
    count: now.count + fresh.length,
    repeated: Math.max(0, now.repeated - values.length),
  });
  return fresh;
}

async function readState({ path, sizeBytes }: MetricFile): Promise<readonly Series[]> {
  if (sizeBytes > MAX_STATE_BYTES) {
    return [];
  }
  const state = new WholeDocument(path, readTrainerState);
  await state.update();
  return state.series;
}

function lastStep(series: readonly Series[]): number {
  return series.reduce((last, { steps }) => Math.max(last, steps.at(-1) ?? last), Number.NEGATIVE_INFINITY);
}
