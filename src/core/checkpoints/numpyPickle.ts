import { FormatError } from "../base/errors.ts";
import { countElements } from "./formatReading.ts";
import { calledName, classOf, entriesOf, isNode, itemsOf, type PickleValue } from "./inertPickleValue.ts";
import { type NumpyDtype, numpyDtype } from "./numpyDtype.ts";

/*
 * numpy pickles an array as a call and a state:
 *
 *   numpy._core.multiarray._reconstruct(numpy.ndarray, (0,), b"b")   state (1, shape, dtype, is Fortran order, bytes)
 *   numpy._core.numeric._frombuffer(bytes, dtype, shape, order)      protocol 5
 *
 * and a dtype as numpy.dtype("f8", False, True) with the state (3, byte order, subarray, names, fields, …). joblib
 * puts an object of its own in the array's place that says shape and dtype.
 */

export type NumpyArray = { dtype: NumpyDtype; shape: readonly number[]; sizeBytes: number };

const MAX_NESTED_FIELDS = 4;

/** The array that a call would rebuild, or undefined where it rebuilds something else. */
export function numpyArrayOf(value: PickleValue): NumpyArray | undefined {
  const name = classOf(value);
  if (!isNode(value) || value.kind !== "call" || name === undefined) {
    return undefined;
  }
  if (/^numpy\._?core\.multiarray\._reconstruct$/.test(name)) {
    const [, shape, dtype] = itemsOf(value.state) ?? [];
    return arrayFrom(shape, dtype);
  }
  if (/^numpy\._?core\.numeric\._frombuffer$/.test(name)) {
    return arrayFrom(value.args[2], value.args[1]);
  }
  if (name === "joblib.numpy_pickle.NumpyArrayWrapper") {
    const state = entriesOf(value);
    return arrayFrom(state?.get("shape"), state?.get("dtype"));
  }
  return undefined;
}

function arrayFrom(shape: PickleValue | undefined, dtype: PickleValue | undefined): NumpyArray | undefined {
  const lengths = itemsOf(shape);
  const described = pickledDtype(dtype, MAX_NESTED_FIELDS);
  if (described === undefined || !lengths?.every((item): item is number => typeof item === "number" && item >= 0)) {
    return undefined;
  }
  return { dtype: described, shape: lengths, sizeBytes: countElements(lengths) * described.itemBytes };
}

function pickledDtype(value: PickleValue | undefined, depth: number): NumpyDtype | undefined {
  const code = isNode(value) && value.kind === "call" && calledName(value) === "numpy.dtype" ? value.args[0] : null;
  if (!isNode(value) || value.kind !== "call" || typeof code !== "string" || depth === 0) {
    return undefined;
  }
  const [, order, subarray, names, fields, itemBytes] = itemsOf(value.state) ?? [];
  const [base, shape] = itemsOf(subarray) ?? [];
  if (base !== undefined) {
    const array = arrayFrom(shape, base);
    return array && { ...array.dtype, itemBytes: array.sizeBytes };
  }
  const fieldNames = itemsOf(names);
  if (fieldNames !== undefined && typeof itemBytes === "number") {
    return structured(fieldNames, { fields, itemBytes, depth });
  }
  const text = `${order === ">" || order === "<" ? order : "|"}${code}`;
  try {
    return numpyDtype(text);
  } catch (error) {
    if (error instanceof FormatError) {
      return undefined;
    }
    throw error;
  }
}

function structured(
  names: readonly PickleValue[],
  { fields, itemBytes, depth }: { fields: PickleValue | undefined; itemBytes: number; depth: number },
): NumpyDtype | undefined {
  const texts: string[] = [];
  let hasObjects = false;
  for (const name of names) {
    const [field] = itemsOf(entriesOf(fields)?.get(name)) ?? [];
    const dtype = pickledDtype(field, depth - 1);
    if (dtype === undefined || isNode(name)) {
      return undefined;
    }
    hasObjects ||= dtype.hasObjects;
    texts.push(`${String(name)} ${dtype.text}`);
  }
  return { text: `{${texts.join(", ")}}`, itemBytes, hasObjects };
}
