import { isSecretName } from "./secretNames.ts";
import type { Span } from "./secrets.ts";

/** Whether there is a secret, and not which. */
const NO_SECRET = /^(?:true|false|none|null)?$/i;
/** The value comes from elsewhere, and a shell or Python puts it in: `$HF_TOKEN`, `$(cat token)`, `os.environ[…]`. */
const REFERENCE = /^\$(?:[A-Z_][A-Z\d_]*|\{\w+\}?)$|^\$\(|^os\.(?:environ|getenv)\b/;

/** Names as flags, variables and configurations have them: `--hub-token`, `HF_TOKEN`, `+trainer/logger@x.api_key`. */
const NAME = /(?:--?|\+{1,2})?[A-Za-z_][\w.@/[\]-]*/g;

/** A value in quotes, in brackets, or up to a blank or a sign that ends it; the group is the last of the match. */
const VALUE = String.raw`(?:\\"([^"\\]*)|"((?:[^"\\]|\\.)*)|'([^']*)|\[([^\]]*)|([^\s,;&|)}\]"']+))`;
/** `NAME=value`, `["name"] = "value"`. */
const BEHIND_EQUALS = new RegExp(String.raw`[\\"'\]]{0,4}\s*=(?!=)\s*${VALUE}`, "sy");
/** `"name": "value"`, and not the `secrets:sources=…` of a decorator. */
const BEHIND_COLON = new RegExp(String.raw`[\\"'\]]{0,4}\s*:(?!\/\/|\w+=)\s*${VALUE}`, "sy");
/** `--name value`, also on the next line of a shell. */
const BEHIND_FLAG = new RegExp(String.raw`(?:\s|\\\n)+(?!-)${VALUE}`, "sy");

/** Whether a name and what is given for it make a secret. */
export function isNamedSecret(name: string, value: string): boolean {
  return isSecretName(name) && !NO_SECRET.test(value);
}

/** The values of secret names within a text, such as the command of `bash -c` or a configuration in JSON. */
export function findNamedSecretSpans(text: string): Span[] {
  // Without blanks or braces a colon stands in addresses and versions: `registry/token:latest`.
  const isProse = /[\s{]/.test(text);
  const spans: Span[] = [];
  let end = 0;
  for (const { 0: name, index } of text.matchAll(NAME)) {
    if (index >= end && isSecretName(name)) {
      const behind = [
        BEHIND_EQUALS,
        ...(isProse ? [BEHIND_COLON] : []),
        ...(isProse && name.startsWith("-") ? [BEHIND_FLAG] : []),
      ];
      const span = findValue(text, index + name.length, behind);
      if (span !== undefined) {
        spans.push(span);
        end = span.end;
      }
    }
  }
  return spans;
}

function findValue(text: string, from: number, patterns: readonly RegExp[]): Span | undefined {
  for (const pattern of patterns) {
    pattern.lastIndex = from;
    const value = pattern
      .exec(text)
      ?.slice(1)
      .find((group) => group !== undefined);
    if (value !== undefined) {
      const end = pattern.lastIndex;
      return NO_SECRET.test(value) || REFERENCE.test(value) ? undefined : { start: end - value.length, end };
    }
  }
  return undefined;
}
