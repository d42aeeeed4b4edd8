/** The names of safetensors for the types that PyTorch has too, as PyTorch names them. */
const torchNames = new Map([
  ["F64", "float64"],
  ["F32", "float32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["F8_E4M3", "float8_e4m3fn"],
  ["F8_E5M2", "float8_e5m2"],
  ["F8_E4M3FNUZ", "float8_e4m3fnuz"],
  ["F8_E5M2FNUZ", "float8_e5m2fnuz"],
  ["F8_E8M0", "float8_e8m0fnu"],
  ["C64", "complex64"],
  ["I64", "int64"],
  ["I32", "int32"],
  ["I16", "int16"],
  ["I8", "int8"],
  ["U64", "uint64"],
  ["U32", "uint32"],
  ["U16", "uint16"],
  ["U8", "uint8"],
  ["BOOL", "bool"],
]);

/** One name for a type, whichever format names it: for comparing, while a file is shown with its own names. */
export function dtypeName(dtype: string): string {
  return torchNames.get(dtype) ?? dtype;
}
