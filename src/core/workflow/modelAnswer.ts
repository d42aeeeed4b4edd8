import { parseJson } from "../base/parseJson.ts";

/*
 * The JSON of a model's answer. Models put it in fences or into the text, write comments, commas behind the last item,
 * line breaks within strings and Python's words, and say something before, behind and between: all of that can be read
 * without a guess. What cannot is left to be asked for again.
 */

/** `isCutOff`: the last object begins and does not end, as where the model ran out of tokens. */
export type ModelAnswer = { values: readonly unknown[]; isCutOff: boolean };

/** Longer than any output that its form allows; what follows is not looked at. */
const MAX_CHARACTERS = 400_000;

/** Each brace that nothing closes costs a look at all of the text behind it. */
const MAX_UNCLOSED = 3;

/** An answer has one object; whoever gives many means one of the last. */
const MAX_OBJECTS = 50;

/** The objects of an answer that are not part of others, in the order of the text; the last of them where they are many. */
export function readAnswer(text: string): ModelAnswer {
  const looked = text.slice(0, MAX_CHARACTERS);
  const values: unknown[] = [];
  let unclosed = 0;
  let from = 0;
  while (unclosed < MAX_UNCLOSED) {
    const at = looked.indexOf("{", from);
    if (at === -1) {
      break;
    }
    const { json, end } = readBraces(looked, at);
    const value = end === undefined ? undefined : parseJson(json);
    if (value !== undefined) {
      values.push(value);
    } else if (end === undefined && isObjectBegun(looked, at)) {
      // Behind one that does not end another may stand in a block of its own; what is within it is only a part.
      const block = looked.indexOf("\n```json", at);
      if (block === -1) {
        return { values: values.slice(-MAX_OBJECTS), isCutOff: true };
      }
      from = block;
      continue;
    }
    unclosed += end === undefined ? 1 : 0;
    from = value === undefined ? at + 1 : (end ?? looked.length);
  }
  return { values: values.slice(-MAX_OBJECTS), isCutOff: false };
}

/** `{` of an object, and not of the text around it. */
function isObjectBegun(text: string, at: number): boolean {
  return /^\{\s*(?:["'}]|\/\/|\/\*)/.test(text.slice(at, at + 200));
}

/** Words of Python and JavaScript for what JSON calls otherwise, or does not have. */
const WORDS: Readonly<Record<string, string>> = {
  NaN: "null",
  nan: "null",
  Infinity: "null",
  "-Infinity": "null",
  None: "null",
  undefined: "null",
  True: "true",
  False: "false",
};

/** A whole string; what JSON does not have, which is a comment or the comma behind the last item; a word; or any character. */
const TOKEN =
  /("(?:[^"\\]|\\[\s\S])*")|(\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*\n|#[^\n]*\n|\/\*[\s\S]*?\*\/)*[}\]]))|(-?[A-Za-z]+)|([\s\S])/y;

/** An object from its brace to the one that ends it, as JSON; `end` is absent where none does. */
function readBraces(text: string, start: number): { json: string; end?: number } {
  const parts: string[] = [];
  let depth = 0;
  TOKEN.lastIndex = start;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [whole, string, leftOut, word, character] = match;
    if (character === '"') {
      // A string without an end.
      break;
    }
    parts.push(
      string?.replaceAll(CONTROL, escapeControl) ?? (word && WORDS[word]) ?? (leftOut === undefined ? whole : ""),
    );
    depth += character === "{" ? 1 : character === "}" ? -1 : 0;
    if (depth === 0) {
      return { json: parts.join(""), end: TOKEN.lastIndex };
    }
  }
  return { json: "" };
}

/** Line breaks and tabs that JSON wants to be written as escapes. */
const CONTROL = /[\n\r\t]/g;

function escapeControl(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}
