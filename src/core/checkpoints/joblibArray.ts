import { EndOfBytesError } from "../base/byteReader.ts";
import { readInertPickle } from "./inertPickle.ts";
import type { PickleMachine } from "./inertPickleMachine.ts";
import { classOf, entriesOf, type PickleCall } from "./inertPickleValue.ts";
import { numpyArrayOf } from "./numpyPickle.ts";

/*
 * joblib writes an array behind the opcode that sets the state of its NumpyArrayWrapper, in the middle of the pickle:
 *
 *   u8 length of padding, padding      where numpy_array_alignment_bytes is not None, as since joblib 1.2
 *   the elements                       or a pickle of its own for an array of Python objects
 *
 * https://github.com/joblib/joblib/blob/main/joblib/numpy_pickle.py
 */

export const ARRAY_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper";

/** Steps over the bytes of an array, for the pickle machine to go on behind them. */
export function skipJoblibArray(built: PickleCall, machine: PickleMachine): void {
  const array = classOf(built) === ARRAY_WRAPPER ? numpyArrayOf(built) : undefined;
  if (array === undefined) {
    return;
  }
  const { reader } = machine;
  if (array.dtype.hasObjects) {
    readObjects(machine);
    return;
  }
  if (typeof entriesOf(built)?.get("numpy_array_alignment_bytes") === "number") {
    reader.skip(reader.u8());
  }
  reader.skip(array.sizeBytes);
}

/** What loading the objects would import counts as what the file imports. */
function readObjects(machine: PickleMachine): void {
  const { reader } = machine;
  const start = reader.position;
  const pickle = readInertPickle(reader.bytes(reader.remaining), machine.limits);
  for (const { module, name } of pickle.globals) {
    machine.addGlobal(module, name);
  }
  if (pickle.outcome.kind === "truncated") {
    throw new EndOfBytesError("joblib", reader.position, "the objects of an array end early");
  }
  if (pickle.outcome.kind === "malformed") {
    throw reader.error(pickle.outcome.reason, start);
  }
  reader.position = start + pickle.endOffset;
}
