import { entriesOf, isNode, type PickleValue } from "./inertPickleValue.ts";
import { lastOfCurve, metricOfCurve, namedCurve } from "./metricCurves.ts";
import { isCounter, isHeldOutMetric, isMetricName } from "./metricNames.ts";
import { type Scalar, scalarOf } from "./torchScalar.ts";

/** Enough for every measure of a training; a hostile file could hold a million. */
const MAX_METRICS = 40;
/** Of what a training logs or counts, metrics or not. */
const MAX_NAMES = 1_000;
const metricGroups =
  /^(best_)?(metrics?|val_metrics|valid_metrics|eval_metrics|test_metrics|results?|scores?|logs?|stats|losses)$/i;
/** The data that a group was measured on: `{"val": {"loss": 0.3}}`, `{"validation_stats": {"bleu": 31}}`. */
const dataGroups =
  /^(val|valid|validation|eval|dev|test|train|training)(?:_(?:stats|results?|scores?|logs?|losses|history))?$/i;
/** What holds counters and settings as well, such as the `extra_state` of fairseq: only what is named like a metric is one. */
const stateGroups = /^(?:extra_state|meta|info|train(?:ing|er)?_state)$/i;
const historyGroups = /^(?:(?:train(?:ing)?|log)_)?hist(?:ory)?$/i;

type Metric = readonly [name: string, value: Scalar];

/**
 * The measures a checkpoint carries: numbers under metric names at the top, everything in a group such as
 * `metrics`, what Lightning's ModelCheckpoint watched, and the last value of each curve.
 */
export function collectTorchMetrics(entries: ReadonlyMap<PickleValue, PickleValue>): readonly Metric[] {
  const found = new Map<string, Scalar>();
  const epoch = scalarOf(entries.get("epoch"));
  for (const [key, value] of entries) {
    if (typeof key !== "string") {
      continue;
    }
    const scalar = scalarOf(value);
    const curve = namedCurve(key);
    const last = curve === undefined ? undefined : lastOfCurve(value, curve, epoch);
    if (scalar !== undefined && (isMetricName(key) || isHeldOutNumber(key))) {
      found.set(nameOfBest(key, entries), scalar);
    } else if (curve !== undefined && last !== undefined) {
      found.set(curve, found.get(curve) ?? last);
    } else if (metricGroups.test(key)) {
      addGroup(found, entriesOf(value));
    } else if (historyGroups.test(key)) {
      addHistory(found, value, epoch);
    } else if (dataGroups.test(key) || stateGroups.test(key)) {
      const data = dataGroups.exec(key)?.[1];
      addNamed(found, entriesOf(value), { prefix: data === undefined ? "" : `${data}/`, epoch });
    } else if (key === "callbacks") {
      addModelCheckpoints(found, entriesOf(value));
    }
    if (found.size >= MAX_METRICS) {
      break;
    }
  }
  return [...found].slice(0, MAX_METRICS).map(([name, value]) => [name.slice(0, 80), value] as const);
}

const SETS_OR_COUNTS =
  /(?:interval|every|freq\w*|ratio|split|size|fraction|batches|images|samples|tokens|throughput|speed|fps|total|(?:^|_)(?:n|num|ids?|len|length))$/i;

/** A number on held-out data under a name of the project's own, as `val_qwk`, and none that sets how to validate. */
function isHeldOutNumber(key: string): boolean {
  return isHeldOutMetric(key) && !isCounter(key) && !SETS_OR_COUNTS.test(key);
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

/** What is named like a metric, each number or the end of its curve; what the file says otherwise is not replaced. */
function addNamed(
  found: Map<string, Scalar>,
  group: ReadonlyMap<PickleValue, PickleValue> | undefined,
  { prefix = "", epoch }: { prefix?: string; epoch: Scalar | undefined },
): void {
  // A hostile file could name one large group a million times.
  for (const [key, value] of group !== undefined && group.size <= MAX_NAMES ? group : []) {
    const name = typeof key === "string" ? metricOfCurve(key) : undefined;
    const last = scalarOf(value) ?? (name === undefined ? undefined : lastOfCurve(value, name, epoch));
    if (name !== undefined && last !== undefined && !found.has(prefix + name)) {
      found.set(prefix + name, last);
    }
    if (found.size >= MAX_METRICS) {
      return;
    }
  }
}

/** A history is `{"val_loss": [0.5, 0.4]}`, or a list of what each epoch logged, of which the last counts. */
function addHistory(found: Map<string, Scalar>, history: PickleValue, epoch: Scalar | undefined): void {
  const last = isNode(history) && history.kind === "list" ? history.items.at(-1) : history;
  addNamed(found, entriesOf(last), { epoch });
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
