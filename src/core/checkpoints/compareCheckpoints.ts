import { dtypeName } from "./dtypeName.ts";
import { type PlainValue, plainValueText } from "./plainValue.ts";
import type { CheckpointDetails } from "./readCheckpointFile.ts";
import type { TensorEntry } from "./tensorEntry.ts";

export type Change<Value> = { name: string; before?: Value; after?: Value };

/** What differs between two checkpoints, told by their descriptions alone; the numbers in the tensors are not read. */
export type CheckpointComparison = {
  added: readonly TensorEntry[];
  removed: readonly TensorEntry[];
  /** Tensors of both, whose shape is another. */
  reshaped: readonly Change<readonly number[]>[];
  /** Tensors of both, whose dtype is another, by whatever name; one can be reshaped as well. */
  retyped: readonly Change<string>[];
  /** Tensors of both with the same shape and dtype. */
  alikeCount: number;
  /** Hyper-parameters that were added, removed or changed; nested ones under dotted names. */
  hyperParameters: readonly Change<PlainValue>[];
  /** Epoch, step and every metric of either, equal ones too: they are read side by side. */
  numbers: readonly Change<number>[];
};

export function compareCheckpoints(before: CheckpointDetails, after: CheckpointDetails): CheckpointComparison {
  const known = new Map(before.tensors.map((tensor) => [tensor.name, tensor]));
  const names = new Set(after.tensors.map(({ name }) => name));
  const pairs = after.tensors.flatMap((tensor) => {
    const old = known.get(tensor.name);
    return old === undefined ? [] : [{ name: tensor.name, before: old, after: tensor }];
  });
  const reshaped = pairs.filter((pair) => !isSameShape(pair.before.shape, pair.after.shape));
  const retyped = pairs.filter((pair) => dtypeName(pair.before.dtype) !== dtypeName(pair.after.dtype));
  return {
    added: after.tensors.filter(({ name }) => !known.has(name)),
    removed: before.tensors.filter(({ name }) => !names.has(name)),
    reshaped: reshaped.map((pair) => ({ name: pair.name, before: pair.before.shape, after: pair.after.shape })),
    retyped: retyped.map((pair) => ({ name: pair.name, before: pair.before.dtype, after: pair.after.dtype })),
    alikeCount: pairs.length - new Set([...reshaped, ...retyped]).size,
    hyperParameters: changesBetween(settingsOf(before), settingsOf(after)).filter(
      (change) => settingText(change.before) !== settingText(change.after),
    ),
    numbers: changesBetween(numbersOf(before), numbersOf(after)),
  };
}

/** Whether two shapes have the same dimensions in the same order. */
export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function numbersOf({ summary }: CheckpointDetails): Map<string, number> {
  const { epoch, step, metrics } = summary;
  return new Map([
    ...(epoch === undefined ? [] : [["epoch", epoch] as const]),
    ...(step === undefined ? [] : [["step", step] as const]),
    ...Object.entries(metrics),
  ]);
}

function settingsOf({ summary }: CheckpointDetails): Map<string, PlainValue> {
  const settings = new Map<string, PlainValue>();
  // Depth and number of the values were bounded when they were read.
  const collect = (prefix: string, values: Readonly<Record<string, PlainValue>>) => {
    for (const [key, value] of Object.entries(values)) {
      const isNested = typeof value === "object" && value !== null && !Array.isArray(value);
      if (isNested && Object.keys(value).length > 0) {
        collect(`${prefix}${key}.`, value);
      } else {
        settings.set(prefix + key, value);
      }
    }
  };
  collect("", summary.hyperParameters ?? {});
  return settings;
}

/** One entry for each name of either side, those of `before` first. */
function changesBetween<Value>(before: ReadonlyMap<string, Value>, after: ReadonlyMap<string, Value>): Change<Value>[] {
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    return { name, ...(old !== undefined && { before: old }), ...(now !== undefined && { after: now }) };
  });
}

function settingText(value: PlainValue | undefined): string | undefined {
  return value === undefined ? undefined : plainValueText(value);
}
