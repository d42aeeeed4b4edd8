import { parseConsoleNumber } from "./consoleNumber.ts";

/*
 * Two libraries print their values in tables, where a name and its value, or a value and its step, stand in different lines.
 *
 * Stable-Baselines3, whose step is a row of the table:       Ultralytics, in two tables for each epoch:
 *
 *   ------------------------------                             Epoch  GPU_mem  box_loss  cls_loss  Instances  Size
 *   | rollout/           |       |                               1/3     2.5G     1.182      2.54         12   640: 100% ━━━ 8/8 …
 *   |    ep_rew_mean     | 12.3  |                             Class  Images  Instances  Box(P     R  mAP50  mAP50-95): 100% ━━━ …
 *   |    total_timesteps | 2048  |                               all     128        929   0.64  0.53  0.605      0.446
 *   ------------------------------
 *
 * Both write the same to `progress.csv` and `results.csv`; the names here are those of the files.
 */

/** `step` is absent where the table does not tell it. */
export type TableReading = { step?: number; metrics: Record<string, number> };

/** What a line is to a table: `kept` is part of one; `lines` turned out to be none, and are to be read like any others. */
export type TableResult =
  | { kind: "none" }
  | { kind: "kept" }
  | { kind: "values"; reading: TableReading }
  | { kind: "lines"; lines: readonly string[] };

const NONE: TableResult = { kind: "none" };
const KEPT: TableResult = { kind: "kept" };
/** A longer table is something else. */
const MAX_ROWS = 200;

const RULE = /^-{8,}$/;
const ROW = /^\|( +)(\S.*?) *\| *(\S*) *\|$/;
/** A name below a heading stands further in. */
const INDENT = 2;
const STEP_NAMES = new Set(["total_timesteps", "time/total_timesteps"]);

/** Puts the lines of a table of Stable-Baselines3 together. */
export class BaselinesTable {
  #lines: string[] | undefined;
  #section = "";
  #values = new Map<string, number>();

  /** `line`: without colours and the prefix of a launcher. */
  take(line: string): TableResult {
    if (RULE.test(line)) {
      return this.#end(line);
    }
    if (this.#lines === undefined) {
      return NONE;
    }
    const row = ROW.exec(line);
    if (row === null || this.#lines.length > MAX_ROWS) {
      return this.#giveBack([line]);
    }
    this.#lines.push(line);
    this.#takeRow(row);
    return KEPT;
  }

  #takeRow([, indent = "", name = "", text = ""]: RegExpExecArray): void {
    if (text === "" && name.endsWith("/")) {
      this.#section = name;
      return;
    }
    const value = parseConsoleNumber(text);
    if (value !== undefined) {
      this.#values.set(indent.length > INDENT ? this.#section + name : name, value);
    }
  }

  /** A rule ends a table and begins one. */
  #end(rule: string): TableResult {
    const names = [...this.#values.keys()];
    if (!names.some((name) => name.includes("/") || STEP_NAMES.has(name))) {
      const result = this.#giveBack([]);
      this.#lines = [rule];
      return result.kind === "lines" ? result : KEPT;
    }
    const step = names.filter((name) => STEP_NAMES.has(name)).map((name) => this.#values.get(name))[0];
    const metrics = Object.fromEntries([...this.#values].filter(([name]) => !STEP_NAMES.has(name)));
    this.#giveBack([]);
    return { kind: "values", reading: { ...(step === undefined ? {} : { step }), metrics } };
  }

  #giveBack(last: readonly string[]): TableResult {
    const lines = [...(this.#lines ?? []).filter((line) => !RULE.test(line)), ...last];
    this.#lines = undefined;
    this.#section = "";
    this.#values = new Map();
    return lines.length === 0 ? NONE : { kind: "lines", lines };
  }
}

/** It prints what it was started with, where an `iou=0.7` is no result. */
const SETTINGS = /^engine\/trainer: |^optimizer: ?(?:'optimizer=auto'|\w+\(lr=)/;
const TRAIN_HEADER = /^\s*Epoch\s+GPU_mem\s+(\S.*?)\s+Instances\s+Size\s*$/;
/** The last state of the bar behind a row: `100%|███| 8/8` before 8.3, `100% ━━━ 8/8` since. */
const TRAIN_ROW = /^\s*(\d+)\/\d+\s+[\d.]+[GMK]?\s+((?:[-\d.]+|nan|inf)(?:\s+(?:[-\d.]+|nan|inf))*):\s*(\d+)%/;
const VALIDATION_HEADER = /^\s*(?:Class\s+Images\s+Instances\s+(?=\w+\(P)|classes\s+(?=top1_acc))/;
const VALIDATION_ROW = /^\s*all\s+([-\d.\se+]+)$/;
const BOX_COLUMNS = ["precision", "recall", "mAP50", "mAP50-95"];
/** How many images and instances there are stands before the values. */
const COUNTS = 2;
/** The best checkpoint is validated once more, which belongs to no epoch. */
const IS_OVER = /^\d+ epochs completed in /;

/** Puts the lines of the two tables of Ultralytics together. */
export class UltralyticsTables {
  #losses: readonly string[] = [];
  #columns: readonly string[] = [];
  #epoch: number | undefined;

  /** `line`: without colours. Of a bar that is painted over, each state is one. */
  take(line: string): TableResult {
    const header = TRAIN_HEADER.exec(line);
    if (header !== null) {
      this.#losses = (header[1] ?? "").split(/\s+/).map((name) => `train/${name}`);
      return KEPT;
    }
    if (SETTINGS.test(line)) {
      return KEPT;
    }
    if (this.#losses.length === 0) {
      return NONE;
    }
    if (IS_OVER.test(line)) {
      this.#losses = [];
      return KEPT;
    }
    if (VALIDATION_HEADER.test(line)) {
      this.#columns = validationColumns(line);
      return KEPT;
    }
    const row = TRAIN_ROW.exec(line);
    return row === null ? this.#takeValidation(line) : this.#takeTraining(row);
  }

  #takeTraining([, epoch = "", numbers = "", share]: RegExpExecArray): TableResult {
    const step = Number(epoch);
    const isDone = share === "100" && step !== this.#epoch;
    if (!isDone) {
      return KEPT;
    }
    this.#epoch = step;
    return { kind: "values", reading: { step, metrics: named(this.#losses, numbers.trim().split(/\s+/)) } };
  }

  #takeValidation(line: string): TableResult {
    const numbers = VALIDATION_ROW.exec(line)?.[1]?.trim().split(/\s+/);
    if (numbers === undefined || this.#epoch === undefined) {
      return NONE;
    }
    const isCounted = this.#columns.some((name) => name.endsWith(")"));
    const metrics = named(this.#columns, isCounted ? numbers.slice(COUNTS) : numbers);
    return { kind: "values", reading: { step: this.#epoch, metrics } };
  }
}

/** `Box(P R mAP50 mAP50-95) Mask(P …` are `metrics/precision(B)` to `metrics/mAP50-95(M)`. */
function validationColumns(header: string): string[] {
  if (header.includes("top1_acc")) {
    return ["metrics/accuracy_top1", "metrics/accuracy_top5"];
  }
  const kinds = [...header.matchAll(/(\w)\w*\(P\b/g)].map(([, letter = ""]) => letter);
  return kinds.flatMap((letter) => BOX_COLUMNS.map((name) => `metrics/${name}(${letter})`));
}

function named(names: readonly string[], numbers: readonly string[]): Record<string, number> {
  const pairs = names.map((name, index): [string, number | undefined] => [
    name,
    parseConsoleNumber(numbers[index] ?? ""),
  ]);
  return Object.fromEntries(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
