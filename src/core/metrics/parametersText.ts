import { parseDocument } from "yaml";
import { flattenParameters, type Parameters } from "./parameters.ts";

const MAX_YAML = 1_000_000;

/**
 * What is in Lightning's `hparams.yaml` or the `args.yaml` of Ultralytics and timm; nothing in a text that is no YAML. Tags that
 * would make Python objects are read as the plain values that they stand before.
 */
export function parseParametersFile(text: string): Parameters {
  if (text.length > MAX_YAML) {
    return {};
  }
  const document = parseDocument(text, { logLevel: "silent" });
  try {
    return document.errors.length > 0 ? {} : flattenParameters(document.toJS({ maxAliasCount: 100 }));
  } catch {
    // Aliases that would grow without end; nobody wrote that as parameters.
    return {};
  }
}
