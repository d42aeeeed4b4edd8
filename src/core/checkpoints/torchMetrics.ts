import { entriesOf, type PickleValue } from "./inertPickleValue.ts";
import { isMetricName } from "./metricNames.ts";
import { type Scalar, scalarOf } from "./torchScalar.ts";

/** Enough for every measure of a training; a hostile file could hold a million. */
const MAX_METRICS = 40;
const metricGroups =
  /^(best_)?(metrics?|val_metrics|valid_metrics|eval_metrics|test_metrics|results?|scores?|logs?|stats|losses)$/i;

type Metric = readonly [name: string, value: Scalar];

/**
 * The measures a checkpoint carries: numbers under metric names at the top, everything in a group such as
 * `metrics`, and what Lightning's ModelCheckpoint watched.
 */
export function collectTorchMetrics(entries: ReadonlyMap<PickleValue, PickleValue>): readonly Metric[] {
  const found = new Map<string, Scalar>();
  for (const [key, value] of entries) {
    if (typeof key !== "string") {
      continue;
    }
    const scalar = scalarOf(value);
    if (scalar !== undefined && isMetricName(key)) {
      found.set(nameOfBest(key, entries), scalar);
    } else if (metricGroups.test(key)) {
      addGroup(found, entriesOf(value));
    } else if (key === "callbacks") {
      addModelCheckpoints(found, entriesOf(value));
    }
    if (found.size >= MAX_METRICS) {
      break;
    }
  }
  return [...found].slice(0, MAX_METRICS).map(([name, value]) => [name.slice(0, 80), value] as const);
}

/** `best_metric` alone does not say what was measured; checkpoints often name it beside. */
function nameOfBest(key: string, entries: ReadonlyMap<PickleValue, PickleValue>): string {
  const name = entries.get("monitor") ?? entries.get("metric_name") ?? entries.get("best_metric_name");
  return /^best_(metric|score)$/.test(key) && typeof name === "string" ? `best_${name}` : key;
}

/** A group may be divided by the data: `metrics = {"val": {"acc": 0.9}}` is `val/acc`. */
function addGroup(
  found: Map<string, Scalar>,
  group: ReadonlyMap<PickleValue, PickleValue> | undefined,
  prefix = "",
): void {
  for (const [key, value] of group ?? []) {
    const scalar = scalarOf(value);
    if (typeof key === "string" && scalar !== undefined && !/^(epoch|step|iter)/i.test(key)) {
      found.set(prefix + key, scalar);
    } else if (typeof key === "string" && prefix === "") {
      const inner = entriesOf(value);
      // A hostile file could name one large group a million times.
      addGroup(found, inner !== undefined && inner.size <= MAX_METRICS ? inner : undefined, `${key}/`);
    }
    if (found.size >= MAX_METRICS) {
      return;
    }
  }
}

/** Lightning keeps a ModelCheckpoint's state under a key that spells out its arguments. */
function addModelCheckpoints(
  found: Map<string, Scalar>,
  callbacks: ReadonlyMap<PickleValue, PickleValue> | undefined,
): void {
  for (const [key, value] of callbacks ?? []) {
    const state = entriesOf(value);
    const monitor = state?.get("monitor");
    if (typeof key !== "string" || !key.startsWith("ModelCheckpoint") || typeof monitor !== "string") {
      continue;
    }
    const current = scalarOf(state?.get("current_score"));
    const best = scalarOf(state?.get("best_model_score"));
    if (current !== undefined) {
      found.set(monitor, current);
    }
    if (best !== undefined) {
      found.set(`best_${monitor}`, best);
    }
    if (found.size >= MAX_METRICS) {
      return;
    }
  }
}
