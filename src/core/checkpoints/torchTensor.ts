import { calledName, globalName, isNode, itemsOf, type PickleValue } from "./inertPickleValue.ts";

/*
 * How PyTorch pickles a tensor (torch/_utils.py, torch/_tensor.py):
 *
 *   torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])
 *   torch._utils._rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata])
 *   storage: persistent id ("storage", torch.FloatStorage, "0", "cpu", 784)   key and number of elements
 *
 * wrapped in _rebuild_parameter(tensor, …), _rebuild_from_type_v2(function, type, args, state) and others.
 */

export type TorchStorage = { key: string; dtype: string; sizeBytes: number };

export type TorchTensor = {
  dtype: string;
  shape: readonly number[];
  elementCount: number;
  /** Undefined for tensors without bytes of their own: meta, sparse, quantised with several parts. */
  storage?: TorchStorage;
  /** Where the tensor begins in its storage, in bytes. */
  offsetBytes: number;
  /** Where the last of its numbers ends in its storage, in bytes; undefined where its dtype has no known size. */
  endBytes?: number;
  /** Its numbers lie in its storage one after the other, the last dimension fastest. */
  isRowByRow?: boolean;
  /** Its offset, size and strides are not counts of which each dimension has one; torch refuses to make it. */
  isImpossible?: true;
};

/** Bytes per element; a dtype that is not here has a size this reader does not know. */
const bytesPerElement = new Map<string, number>([
  ...["float64", "int64", "complex64", "uint64"].map((dtype) => [dtype, 8] as const),
  ...["float32", "int32", "qint32", "complex32", "uint32"].map((dtype) => [dtype, 4] as const),
  ...["float16", "bfloat16", "int16", "uint16"].map((dtype) => [dtype, 2] as const),
  ...["int8", "uint8", "bool", "qint8", "quint8"].map((dtype) => [dtype, 1] as const),
  ...["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"].map((dtype) => [dtype, 1] as const),
  ["float8_e8m0fnu", 1],
  ["float4_e2m1fn_x2", 1],
  ["complex128", 16],
]);

const storageDtypes = new Map([
  ["DoubleStorage", "float64"],
  ["FloatStorage", "float32"],
  ["HalfStorage", "float16"],
  ["BFloat16Storage", "bfloat16"],
  ["LongStorage", "int64"],
  ["IntStorage", "int32"],
  ["ShortStorage", "int16"],
  ["CharStorage", "int8"],
  ["ByteStorage", "uint8"],
  ["BoolStorage", "bool"],
  ["ComplexFloatStorage", "complex64"],
  ["ComplexDoubleStorage", "complex128"],
  ["QInt8Storage", "qint8"],
  ["QUInt8Storage", "quint8"],
  ["QInt32Storage", "qint32"],
  // Several numbers in a byte; the storage counts bytes.
  ["QUInt4x2Storage", "quint4x2"],
  ["QUInt2x4Storage", "quint2x4"],
  // Counted in bytes; the tensor itself says what they mean.
  ["UntypedStorage", "uint8"],
]);

const wrappers = new Set(["torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"]);
/** Wrappers are nested at most twice by PyTorch itself. */
const MAX_WRAPPERS = 4;

/** The storage a persistent id names, or undefined where the id is something else. */
export function torchStorageOf(id: PickleValue | undefined): TorchStorage | undefined {
  const items = itemsOf(id);
  const storageClass = items?.[1];
  const key = items?.[2];
  const count = items?.[4];
  const className = isNode(storageClass) && storageClass.kind === "global" ? storageClass.name : "";
  const dtype = storageDtypes.get(className);
  if (items?.[0] !== "storage" || typeof key !== "string" || typeof count !== "number" || dtype === undefined) {
    return undefined;
  }
  return { key, dtype, sizeBytes: count * (bytesPerElement.get(dtype) ?? 1) };
}

/** The tensor that a call node would rebuild, or undefined where it rebuilds something else. */
export function torchTensorOf(value: PickleValue): TorchTensor | undefined {
  let name = calledName(value);
  let args: readonly PickleValue[] = isNode(value) && value.kind === "call" ? value.args : [];
  for (let depth = 0; depth < MAX_WRAPPERS && name !== undefined; depth++) {
    if (wrappers.has(name)) {
      const inner = args[0] ?? null;
      name = calledName(inner);
      args = isNode(inner) && inner.kind === "call" ? inner.args : [];
    } else if (name === "torch._tensor._rebuild_from_type_v2") {
      name = globalName(args[0]);
      args = itemsOf(args[2]) ?? [];
    } else {
      return rebuildTensor(name, args);
    }
  }
  return undefined;
}

/** How many numbers of a tensor's kind its storage holds. */
export function elementsIn(tensor: TorchTensor): number {
  return Math.floor((tensor.storage?.sizeBytes ?? 0) / (bytesPerElement.get(tensor.dtype) ?? 1));
}

/** Bytes of one number, or undefined where the dtype's size is not known. */
export function itemBytesOf(dtype: string): number | undefined {
  return bytesPerElement.get(dtype);
}

/** Bytes of a tensor's numbers; none where it has no storage, undefined where its dtype has no known size. */
export function storedBytes(tensor: TorchTensor): number | undefined {
  const size = bytesPerElement.get(tensor.dtype);
  return tensor.storage === undefined ? 0 : size && size * tensor.elementCount;
}

function rebuildTensor(name: string, args: readonly PickleValue[]): TorchTensor | undefined {
  switch (name) {
    case "torch._utils._rebuild_tensor":
    case "torch._utils._rebuild_tensor_v2":
    case "torch._utils._rebuild_qtensor":
      return storedTensor(args, undefined);
    case "torch._utils._rebuild_tensor_v3":
      return storedTensor(args, dtypeOf(args[6]));
    case "torch._utils._rebuild_meta_tensor_no_storage":
      return looseTensor(dtypeOf(args[0]), args[1]);
    case "torch._utils._rebuild_sparse_tensor": {
      // Indices in one tensor or two, the values, the size.
      const parts = itemsOf(args[1]) ?? [];
      const sizeAt = parts.findIndex((part) => shapeOf(part) !== undefined);
      return looseTensor(torchTensorOf(parts[sizeAt - 1] ?? null)?.dtype, parts[sizeAt]);
    }
    case "torch._utils._rebuild_wrapper_subclass":
      return looseTensor(dtypeOf(args[1]), args[2]);
    default:
      return undefined;
  }
}

function storedTensor(args: readonly PickleValue[], explicitDtype: string | undefined): TorchTensor | undefined {
  const [storageNode, offset, size, strideNode] = args;
  const storage = isNode(storageNode) && storageNode.kind === "persistent" ? torchStorageOf(storageNode.id) : undefined;
  const shape = shapeOf(size);
  if (storage === undefined) {
    return undefined;
  }
  const dtype = explicitDtype ?? storage.dtype;
  const stride = shapeOf(strideNode);
  if (shape === undefined || stride?.length !== shape.length || typeof offset !== "number" || !areLengths([offset])) {
    return { dtype, shape: [], elementCount: 0, storage, offsetBytes: 0, isImpossible: true };
  }
  const itemBytes = bytesPerElement.get(dtype);
  const offsetBytes = offset * (itemBytes ?? 1);
  const elementCount = countElements(shape);
  const endBytes = itemBytes === undefined ? undefined : offsetBytes + spanOf(shape, stride) * itemBytes;
  const isRowByRow = isContiguous(shape, stride);
  return { dtype, shape, elementCount, storage, offsetBytes, ...(endBytes !== undefined && { endBytes }), isRowByRow };
}

/** How many elements of its storage lie between a tensor's first and last, both included. */
export function spanOf(shape: readonly number[], stride: readonly number[]): number {
  let span = 1;
  for (let index = 0; index < shape.length; index++) {
    span += ((shape[index] ?? 0) - 1) * (stride[index] ?? 0);
  }
  return shape.includes(0) ? 0 : span;
}

function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let step = 1;
  for (let index = shape.length - 1; index >= 0; index--) {
    const length = shape[index] ?? 0;
    if (length > 1 && stride[index] !== step) {
      return false;
    }
    step *= length;
  }
  return true;
}

function looseTensor(dtype: string | undefined, size: PickleValue | undefined): TorchTensor | undefined {
  const shape = shapeOf(size);
  return shape && { dtype: dtype ?? "unknown", shape, elementCount: countElements(shape), offsetBytes: 0 };
}

/** A size is a tuple of numbers, or torch.Size called with one. */
export function shapeOf(size: PickleValue | undefined): readonly number[] | undefined {
  const isSizeCall = isNode(size) && size.kind === "call" && calledName(size) === "torch.Size";
  const items = itemsOf(isSizeCall ? size.args[0] : size);
  return items !== undefined && areLengths(items) ? items : undefined;
}

/** Counted loops, as in those below: a hostile size has a million numbers, and code that runs once is never made fast. */
function areLengths(items: readonly PickleValue[]): items is readonly number[] {
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (typeof item !== "number" || !Number.isSafeInteger(item) || item < 0) {
      return false;
    }
  }
  return true;
}

/** The dtype that a global such as torch.float32 names. */
export function dtypeOf(value: PickleValue | undefined): string | undefined {
  return globalName(value)?.replace(/^torch\./, "");
}

function countElements(shape: readonly number[]): number {
  let count = 1;
  for (let index = 0; index < shape.length; index++) {
    count *= shape[index] ?? 0;
  }
  return count;
}
