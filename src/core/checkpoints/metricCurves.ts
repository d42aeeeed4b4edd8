import { isNode, type PickleValue } from "./inertPickleValue.ts";
import { isMetricName } from "./metricNames.ts";
import { type Scalar, scalarOf } from "./torchScalar.ts";

/*
 * Trainings keep the values of all epochs beside the weights, under many names:
 *
 *   val_losses: [0.5, 0.4]     val_loss_history: [0.5, 0.4]     val_loss: [0.5, 0.4]     history: {val_loss: [0.5, 0.4]}
 *
 * The last of them is the one of the epoch that was saved.
 */

const curveWord = /[_-]?(?:history|hist|list|curve)$/i;

/** What a curve measures: `val_loss` of `val_losses` and of `val_loss_history`; undefined for what is named like no metric. */
export function metricOfCurve(key: string): string | undefined {
  const name = key.replace(curveWord, "");
  const singular = name.replace(/ies$/i, "y").replace(/(?<=ss)es$|(?<=[^s])s$/i, "");
  return [singular, name].find(isMetricName);
}

/** The same where the name says that there is a value of each epoch: a list of another name may have one of each class. */
export function namedCurve(key: string): string | undefined {
  const metric = metricOfCurve(key);
  return metric !== key || /loss$/i.test(key) ? metric : undefined;
}

/**
 * The last number of a list of numbers, before the zeros at its end: some make the list for all epochs before the first, and
 * fill it.
 */
export function lastOfCurve(value: PickleValue): Scalar | undefined {
  const items = isNode(value) && value.kind === "list" ? value.items : [];
  return scalarOf(items.findLast((item) => scalarOf(item) !== 0) ?? items.at(-1));
}
