import { FormatError } from "../base/errors.ts";
import type { ImportedName, PickleTrust } from "./importedName.ts";
import { trustOf } from "./pickleTrust.ts";
import { type JsonValue, parseTolerantJson } from "./tolerantJson.ts";

/*
 * How Keras describes a model as JSON; every layer, optimizer, loss or function in it is an object:
 *
 *   {"module": "keras.layers", "class_name": "Dense", "config": {…}, "registered_name": null}
 *   {"module": null, "class_name": "Scale", "config": {…}, "registered_name": "Mine>Scale"}       a class of the user's
 *   {"module": "builtins", "class_name": "function", "config": "my_loss", …}                      a function of the user's
 *   {"class_name": "__lambda__", "config": {"code": "4wEA…"}}                                     marshalled Python code
 *
 * In files of HDF5 there is no module. Keras 2 wrote {"class_name": "Lambda", "config": {"function": ["4wEA…", …],
 * "function_type": "lambda"}} there.
 *
 * https://github.com/keras-team/keras/blob/master/keras/src/saving/serialization_lib.py
 */

type JsonObject = ReadonlyMap<string, JsonValue>;

/** Names of a model are a few; more are made up, and one that is dangerous is told all the same. */
const MAX_NAMES = 1_000;
const MAX_SHOWN = 80;
/** Twice what the largest models of Keras take; a million would take seconds. */
const MAX_VALUES = 100_000;
/** What is said of a configuration in place of the names in it. */
export const UNREAD_CONFIG: ImportedName = {
  name: "what its configuration names, which cannot be read",
  trust: "unlisted",
};
const ownModules = /^(?:keras|keras_core|keras_cv|keras_hub|keras_nlp|tf_keras|tensorflow(?:\.python)?\.keras)(?:\.|$)/;

/** What loading a model by its configuration would run or import beyond Keras itself. */
export function kerasImports(config: string): ImportedName[] {
  const names = new Map<string, PickleTrust>();
  const add = ({ name, trust }: ImportedName) => {
    if (trust === "dangerous" || (trust === "unlisted" && names.size < MAX_NAMES)) {
      names.set(name, trust);
    }
  };
  const parsed = parse(config);
  if (parsed === undefined) {
    add(UNREAD_CONFIG);
    codeInText(config).forEach(add);
  }
  for (const { object, layer } of objectsIn(parsed ?? null)) {
    codeOf(object, layer).forEach(add);
  }
  return Array.from(names, ([name, trust]) => ({ name, trust }));
}

/** Undefined for what is no JSON, or cut off, or too long. */
function parse(config: string): JsonValue | undefined {
  try {
    return parseTolerantJson(config, "Keras", MAX_VALUES);
  } catch (error) {
    if (!(error instanceof FormatError)) {
      throw error;
    }
    return undefined;
  }
}

/** The part of a text that matters most. */
function codeInText(config: string): ImportedName[] {
  return /"class_name"\s{0,9}:\s{0,9}"(?:__lambda__|Lambda)"/.test(config)
    ? [{ name: "a Lambda layer", trust: "dangerous" }]
    : [];
}

/** Every object, with the name of the Lambda layer that it lies in. */
function* objectsIn(root: JsonValue): Generator<{ object: JsonObject; layer: string | undefined }> {
  const pending: { value: JsonValue; layer: string | undefined }[] = [{ value: root, layer: undefined }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value } = next;
    if (value instanceof Map) {
      const layer = value.get("class_name") === "Lambda" ? layerName(value) : next.layer;
      yield { object: value, layer };
      value.forEach((child) => pending.push({ value: child, layer }));
    } else if (Array.isArray(value)) {
      const { layer } = next;
      value.forEach((child) => pending.push({ value: child, layer }));
    }
  }
}

function layerName(layer: JsonObject): string | undefined {
  const config = layer.get("config");
  return config instanceof Map ? textIn(config, "name") : undefined;
}

/** What one object stands for that is not part of Keras. */
function codeOf(object: JsonObject, layer: string | undefined): ImportedName[] {
  const className = textIn(object, "class_name");
  if (className === undefined) {
    return [];
  }
  const config = object.get("config");
  if (className === "__lambda__" || (className === "Lambda" && config instanceof Map && isMarshalled(config))) {
    return [{ name: layer === undefined ? "a Lambda layer" : `the Lambda layer ${layer}`, trust: "dangerous" }];
  }
  const module = object.get("module");
  const named = className === "function" && typeof config === "string" ? shorten(config) : className;
  if (typeof module !== "string") {
    const isOwn = module === undefined ? className.includes(">") : module === null && !className.startsWith("__");
    return isOwn ? [{ name: textIn(object, "registered_name") ?? named, trust: "unlisted" }] : [];
  }
  if (module === "builtins" && className === "function") {
    return [{ name: `the function ${named}`, trust: "unlisted" }];
  }
  const { name, trust } = trustOf({ kind: "global", module, name: named, fullName: `${module}.${named}` });
  return ownModules.test(module) && trust !== "dangerous" ? [] : [{ name: shorten(name), trust }];
}

/** Keras 2 says of each function of a Lambda layer whether it is a name or code. */
function isMarshalled(config: JsonObject): boolean {
  return [...config].some(([key, value]) => key.endsWith("_type") && value === "lambda");
}

function textIn(object: JsonObject, key: string): string | undefined {
  const text = object.get(key);
  return typeof text === "string" ? shorten(text) : undefined;
}

function shorten(text: string): string {
  return text.slice(0, MAX_SHOWN);
}
