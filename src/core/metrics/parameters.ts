import { oneLine } from "../base/markdown.ts";
import { ProtoReader, viewOf, WIRE } from "../base/protobuf.ts";
import { maskSecretValue } from "../base/secretWords.ts";

/** The hyper-parameters of a run: what each is called, and its value as a person reads it. */
export type Parameters = Readonly<Record<string, string>>;

/** More or longer ones are a configuration of everything, which nobody compares by eye. */
const MAX_PARAMETERS = 500;
const MAX_NAME = 200;
const MAX_VALUE = 200;
/** Configurations nest a few levels: `model.optimizer.lr`. */
const MAX_DEPTH = 6;

/** The hyper-parameters of a run that a log tells one after the other; a later value of a name is the one that holds. */
export class GrowingParameters {
  readonly all: Record<string, string> = {};
  #count = 0;

  add(more: Parameters): void {
    for (const [name, value] of Object.entries(more)) {
      const isNew = !Object.hasOwn(this.all, name);
      if (isNew && (this.#count >= MAX_PARAMETERS || name.length > MAX_NAME)) {
        continue;
      }
      this.#count += isNew ? 1 : 0;
      this.all[name] = spell(value);
    }
  }
}

/** The leaves of a configuration under their dotted names; lists as they are written in JSON. */
export function flattenParameters(config: unknown): Parameters {
  const found: [string, string][] = [];
  const visit = (value: unknown, name: string, depth: number): void => {
    if (isObject(value) && depth < MAX_DEPTH) {
      for (const [key, inner] of Object.entries(value)) {
        visit(inner, name === "" ? key : `${name}.${key}`, depth + 1);
      }
    } else if (name !== "" && name.length <= MAX_NAME && found.length < MAX_PARAMETERS) {
      found.push([name, spell(value)]);
    }
  };
  visit(config, "", 0);
  return Object.fromEntries(found);
}

/**
 * The parameters of a run as they may be shown and passed on: no secrets, and nothing that a terminal would obey. Logs are
 * looked at every second, so what was judged once is kept.
 */
export class ShownParameters {
  readonly #judged = new Map<string, { value: string; shown: [string, string] }>();

  of(parameters: Parameters): Parameters {
    return Object.fromEntries(Object.entries(parameters).map(([name, value]) => this.#show(name, value)));
  }

  #show(name: string, value: string): [string, string] {
    const known = this.#judged.get(name);
    if (known?.value === value) {
      return known.shown;
    }
    const shown: [string, string] = [
      oneLine(name, MAX_NAME),
      // One more for the `…` of a value that was cut.
      oneLine(maskSecretValue(name, value), MAX_VALUE + 1),
    ];
    this.#judged.set(name, { value, shown });
    return shown;
  }
}

const DECIMAL = /^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=e))(?:e[+-]?\d+)?$/i;
/** More digits are what is left of a calculation: 0.00029999999999999997 was 3e-4. */
const SAID_DIGITS = 6;

/** `lr=0.0003` for each, as a person wrote it; the values themselves stay as they are. */
export function sayParameters(parameters: Parameters): string[] {
  return Object.entries(parameters).map(([name, value]) => `${name}=${shorten(value)}`);
}

function shorten(value: string): string {
  const digits = value.replace(/e.*$/i, "").replace(/^[+-]?[0.]*/, "");
  return DECIMAL.test(value) && digits.length > SAID_DIGITS + 1
    ? String(Number(Number(value).toPrecision(SAID_DIGITS)))
    : value;
}

/*
 * What TensorBoard's hparams plugin keeps with a tag:
 *
 *   HParamsPluginData { session_start_info = 3 { hparams = 1: map<string, Value> } }
 *   map entry         { key = 1, value = 2 }
 *   Value             { number_value = 2 double, string_value = 3, bool_value = 4 }
 */

/** The hyper-parameters in the content of the hparams plugin; undefined where it tells something else. */
export function readHparams(content: Uint8Array): Parameters | undefined {
  const view = viewOf(content);
  const data = new ProtoReader().start(content);
  let isSession = false;
  while (!isSession && data.next()) {
    isSession = data.field === 3 && data.wire === WIRE.bytes;
  }
  if (!isSession) {
    return undefined;
  }
  const session = new ProtoReader().start(content, data.from, data.to);
  const found: [string, string][] = [];
  while (session.next()) {
    if (session.field === 1 && session.wire === WIRE.bytes && found.length < MAX_PARAMETERS) {
      found.push(readEntry(content, view, session));
    }
  }
  // The entries of a map stand in no order that would be the same for two runs.
  const named = found.filter(([name]) => name !== "" && name.length <= MAX_NAME);
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function readEntry(bytes: Uint8Array, view: DataView, { from, to }: ProtoReader): [string, string] {
  const entry = new ProtoReader().start(bytes, from, to);
  let [name, value] = ["", ""];
  while (entry.next()) {
    if (entry.field === 1 && entry.wire === WIRE.bytes) {
      name = textOf(bytes, entry);
    } else if (entry.field === 2 && entry.wire === WIRE.bytes) {
      value = readValue(bytes, view, entry);
    }
  }
  return [name, value];
}

function readValue(bytes: Uint8Array, view: DataView, { from, to }: ProtoReader): string {
  const value = new ProtoReader().start(bytes, from, to);
  while (value.next()) {
    if (value.field === 2 && value.wire === WIRE.fixed64) {
      return spell(view.getFloat64(value.from, true));
    }
    if (value.field === 3 && value.wire === WIRE.bytes) {
      return spell(textOf(bytes, value));
    }
    if (value.field === 4 && value.wire === WIRE.varint) {
      return spell(value.signed !== 0);
    }
  }
  return "";
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array, { from, to }: ProtoReader): string {
  return decoder.decode(bytes.subarray(from, to));
}

function spell(value: unknown): string {
  const plain = spellNonFinite("", value);
  const text = typeof plain === "string" ? plain : (JSON.stringify(plain, spellNonFinite) ?? "");
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}

/** As Python prints a number that JSON would make `null`, which is another value: `clip: .inf` is no `clip: null`. */
function spellNonFinite(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isFinite(value)) {
    return value;
  }
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
