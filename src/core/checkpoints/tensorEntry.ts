import type { SafetensorsTensor } from "./safetensors.ts";
import { storedBytes } from "./torchTensor.ts";
import type { NamedTensor } from "./torchTensorWalk.ts";

/** One tensor of a checkpoint as its file describes it, optimizer states included. */
export type TensorEntry = {
  name: string;
  dtype: string;
  shape: readonly number[];
  /** Bytes of its numbers; undefined where the size of the dtype is not known. */
  sizeBytes?: number;
  /** Another tensor of the file lies in the same storage: tied weights, or views. */
  isShared: boolean;
};

export function torchEntries(tensors: readonly NamedTensor[]): TensorEntry[] {
  const users = new Map<string, number>();
  for (const { tensor } of tensors) {
    const key = tensor.storage?.key;
    if (key !== undefined) {
      users.set(key, (users.get(key) ?? 0) + 1);
    }
  }
  return tensors.map(({ name, tensor }) => {
    const sizeBytes = storedBytes(tensor);
    return {
      name,
      dtype: tensor.dtype,
      shape: tensor.shape,
      ...(sizeBytes !== undefined && { sizeBytes }),
      isShared: (users.get(tensor.storage?.key ?? "") ?? 0) > 1,
    };
  });
}

export function safetensorsEntries(tensors: readonly SafetensorsTensor[]): TensorEntry[] {
  return tensors.map(({ name, dtype, shape, begin, end }) => ({
    name,
    dtype,
    shape,
    sizeBytes: end - begin,
    isShared: false,
  }));
}
