import { FormatError } from "../base/errors.ts";
import type { NumpyLiteral } from "./numpyLiteral.ts";

export type NumpyDtype = {
  /** As `str(dtype)` of numpy writes it: `float32`, `>f4`, `[('id', '<i4'), ('xy', '<f8', (2,))]`. */
  text: string;
  itemBytes: number;
  /** Python objects: their bytes are a pickle. */
  hasObjects: boolean;
};

const FORMAT = "NumPy dtype";
const kinds: ReadonlyMap<string, string> = new Map([
  ["f", "float"],
  ["i", "int"],
  ["u", "uint"],
  ["c", "complex"],
]);
const MAX_ITEM_BYTES = 2 ** 31;

/** A dtype from the `descr` of a header: a text, or a list of fields. Throws FormatError for anything else. */
export function numpyDtype(descr: NumpyLiteral): NumpyDtype {
  if (typeof descr === "string") {
    return plainDtype(descr);
  }
  if (!Array.isArray(descr)) {
    throw new FormatError(FORMAT, 0, "its dtype is neither a text nor a list of fields");
  }
  const fields = descr.map(fieldOf);
  const itemBytes = fields.reduce((sum, { dtype, count }) => sum + dtype.itemBytes * count, 0);
  if (itemBytes > MAX_ITEM_BYTES) {
    throw new FormatError(FORMAT, 0, `an element would take ${itemBytes} bytes`);
  }
  return {
    text: `[${fields.map(({ text }) => text).join(", ")}]`,
    itemBytes,
    hasObjects: fields.some(({ dtype }) => dtype.hasObjects),
  };
}

type Field = { text: string; dtype: NumpyDtype; count: number };

/** `('name', descr)` or `('name', descr, shape)`; the name may be a pair of title and name. */
function fieldOf(field: NumpyLiteral): Field {
  const [name, descr = null, shape] = Array.isArray(field) ? field : [];
  const label = Array.isArray(name) ? name[1] : name;
  const lengths = shape === undefined ? [] : Array.isArray(shape) ? shape : [shape];
  const isShape = lengths.every((length): length is number => typeof length === "number" && length >= 0);
  if (typeof label !== "string" || !isShape) {
    throw new FormatError(FORMAT, 0, "a field of its dtype has no name or no shape");
  }
  const dtype = numpyDtype(descr);
  const count = lengths.reduce((product, length) => product * length, 1);
  // Inside a list of fields, numpy leaves out the sign for "no byte order".
  const written = typeof descr === "string" ? `'${descr === "|b1" ? "?" : descr.replace(/^\|/, "")}'` : dtype.text;
  const suffix = lengths.length === 0 ? "" : `, (${lengths.join(", ")}${lengths.length === 1 ? "," : ""})`;
  return { text: `('${label}', ${written}${suffix})`, dtype, count };
}

function plainDtype(descr: string): NumpyDtype {
  const [, order = "", kind = "", digits = "", unit = ""] =
    /^([<>|=]?)([a-zA-Z?])(\d{0,9})(\[\w+(?:\/\d+)?\])?$/.exec(descr) ?? [];
  const size = digits === "" ? (kind === "?" ? 1 : 8) : Number(digits);
  const named = kinds.get(kind);
  if (kind === "O") {
    return { text: "object", itemBytes: 8, hasObjects: true };
  }
  if (kind === "b" || kind === "?") {
    return { text: size === 1 ? "bool" : descr, itemBytes: size, hasObjects: false };
  }
  if (kind === "M" || kind === "m") {
    const text = `${kind === "M" ? "datetime" : "timedelta"}64${unit}`;
    return { text: order === ">" ? descr : text, itemBytes: 8, hasObjects: false };
  }
  if (kind === "U") {
    return { text: descr, itemBytes: size * 4, hasObjects: false };
  }
  if (named === undefined && kind !== "S" && kind !== "V" && kind !== "a") {
    throw new FormatError(FORMAT, 0, `"${descr.slice(0, 20)}" is no dtype that is known`);
  }
  const isSwapped = order === ">" && size > 1;
  return { text: named === undefined || isSwapped ? descr : `${named}${size * 8}`, itemBytes: size, hasObjects: false };
}
