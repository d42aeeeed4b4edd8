import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { ScriptArgument, ScriptArguments } from "./scriptArguments.ts";

/** `@hydra.main(config_path="conf", config_name="config")`. */
export type HydraEntry = {
  /** Relative to the script; absent where configurations are registered in code. */
  configPath?: string;
  configName?: string;
  line: number;
};

/** Deep enough for any configuration, and a bound for one that includes itself. */
const MAX_CONFIG_DEPTH = 8;

/**
 * The keys of the composed configuration as `key=value` overrides.
 * `configs` maps paths relative to the configuration folder (`optimizer/adam.yaml`) to their text.
 */
export function hydraArguments(entry: HydraEntry, configs: ReadonlyMap<string, string>): ScriptArguments {
  const folder = entry.configPath ? `${entry.configPath.replace(/\/+$/, "")}/` : "";
  const collected = new Map<string, ScriptArgument>();
  const name = entry.configName?.replace(/\.ya?ml$/, "");
  const isFound = name !== undefined && compose(name, "", { configs, folder, collected, depth: 0 });
  return { dialect: "hydra", arguments: [...collected.values()], isComplete: isFound };
}

type Composition = {
  configs: ReadonlyMap<string, string>;
  folder: string;
  collected: Map<string, ScriptArgument>;
  depth: number;
};

/** Later files win, as in Hydra; a file is read where `_self_` stands in its defaults list, at the end without one. */
function compose(path: string, prefix: string, composition: Composition): boolean {
  const file = [`${path}.yaml`, `${path}.yml`].find((candidate) => composition.configs.has(candidate));
  if (file === undefined || composition.depth > MAX_CONFIG_DEPTH) {
    return false;
  }
  const lines = new LineCounter();
  const document = parseDocument(composition.configs.get(file) ?? "", { lineCounter: lines, logLevel: "silent" });
  if (!isMap(document.contents)) {
    return document.contents === null;
  }
  const inner = { ...composition, depth: composition.depth + 1 };
  const lineOf = (node: unknown) => lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0).line - 1;
  let isComplete = true;
  for (const item of sequenceItems(document.contents.get("defaults", true))) {
    isComplete = includeDefault(item, { path, prefix, line: lineOf(item), file }, inner) && isComplete;
  }
  collectKeys(document.contents, prefix, (name, text, node) => {
    composition.collected.set(
      name,
      overrideArgument(name, text, { line: lineOf(node), file: composition.folder + file }),
    );
  });
  return isComplete;
}

type Place = { path: string; prefix: string; line: number; file: string };

/** `- optimizer: adam`, `- override /db: mysql`, `- other_config` or `- _self_`. */
function includeDefault(item: unknown, place: Place, composition: Composition): boolean {
  const parent = place.path.includes("/") ? `${place.path.slice(0, place.path.lastIndexOf("/"))}/` : "";
  if (isScalar(item)) {
    const name = String(item.value);
    return (
      name === "_self_" || compose(name.startsWith("/") ? name.slice(1) : parent + name, place.prefix, composition)
    );
  }
  const pair = isMap(item) ? item.items[0] : undefined;
  const key = isScalar(pair?.key) ? String(pair.key.value) : undefined;
  if (key === undefined) {
    return false;
  }
  const name = key.replace(/^(?:optional|override)\s+/, "");
  const [group = name, packageName] = name.replace(/^\//, "").split("@");
  const folder = name.startsWith("/") ? group : parent + group;
  const choice = scalarText(pair?.value);
  if (name.startsWith("hydra/")) {
    return true;
  }
  const choices = choicesIn(folder, composition.configs);
  composition.collected.set(folder, {
    ...overrideArgument(folder, choice, { line: place.line, file: composition.folder + place.file }),
    type: "string",
    ...(choices.length > 0 ? { choices } : {}),
  });
  const prefix = packageName === "_global_" ? "" : `${(packageName ?? folder).replaceAll("/", ".")}.`;
  return choice === undefined || compose(`${folder}/${choice}`, prefix, composition) || /^optional\s/.test(key);
}

function choicesIn(folder: string, configs: ReadonlyMap<string, string>): string[] {
  return [...configs.keys()]
    .filter((path) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes("/"))
    .map((path) => path.slice(folder.length + 1).replace(/\.ya?ml$/, ""))
    .toSorted();
}

function collectKeys(
  node: unknown,
  prefix: string,
  add: (name: string, text: string | undefined, node: unknown) => void,
): void {
  if (!isMap(node)) {
    return;
  }
  for (const pair of node.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
    if (key === undefined || (prefix === "" && (key === "defaults" || key === "hydra"))) {
      continue;
    }
    if (isMap(pair.value)) {
      collectKeys(pair.value, `${prefix}${key}.`, add);
    } else if (isSeq(pair.value)) {
      add(prefix + key, JSON.stringify(pair.value), pair.key);
    } else {
      add(prefix + key, scalarText(pair.value), pair.key);
    }
  }
}

function overrideArgument(
  name: string,
  text: string | undefined,
  place: { line: number; file: string },
): ScriptArgument {
  const isMissing = text === "???";
  return {
    flag: name,
    kind: "override",
    name,
    aliases: [],
    type: typeOfText(text),
    ...(text !== undefined && !isMissing ? { default: text } : {}),
    isRequired: isMissing,
    isList: text?.startsWith("[") ?? false,
    ...place,
  };
}

/** Hydra checks types only with structured configurations, so that a number may also become a text: no claim there. */
function typeOfText(text: string | undefined): ScriptArgument["type"] {
  if (text === undefined || text.includes("${") || text === "null" || text === "???" || text === "~") {
    return "unknown";
  }
  if (/^(?:true|false)$/i.test(text)) {
    return "boolean";
  }
  if (/^[+-]?\d+$/.test(text)) {
    return "integer";
  }
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? "float" : "string";
}

/** A value as its file spells it: `1e-3` stays `1e-3`. */
function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined) {
    return undefined;
  }
  return node.type === "PLAIN" && node.source !== undefined
    ? node.source
    : JSON.stringify(node.value).replace(/^"(.*)"$/, "$1");
}

function sequenceItems(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [];
}
