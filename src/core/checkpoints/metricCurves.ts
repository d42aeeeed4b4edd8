import { isNode, type PickleValue } from "./inertPickleValue.ts";
import { inferMetricDirection, isMetricName } from "./metricNames.ts";
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
 * The last number of a list of numbers, which a training of `epoch` epochs wrote. Some make the list for all epochs before the
 * first, and fill it: the zeros at the end of a list that is longer than the training, and those of a loss, are no values. A
 * quality may have fallen to 0 as well, so that nothing is told where the epoch is not known.
 */
export function lastOfCurve(value: PickleValue, metric: string, epoch: Scalar | undefined): Scalar | undefined {
  const items = isNode(value) && value.kind === "list" ? value.items : [];
  const last = scalarOf(items.at(-1));
  const filled = last === 0 ? scalarOf(items.findLast((item) => scalarOf(item) !== 0)) : undefined;
  if (filled === undefined || inferMetricDirection(metric) !== "max") {
    return filled ?? last;
  }
  if (epoch === undefined) {
    return undefined;
  }
  return items.length > Number(epoch) + 1 ? filled : last;
}
