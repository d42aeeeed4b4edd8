import { OF_FILE, refusalBefore, spokenAt } from "./argumentRefusal.ts";
import { splitWords } from "./argumentWords.ts";

/** Names of scripts that are words of any sentence about training, so that they name nothing in one. */
const COMMON = new Set([
  "",
  "data",
  "dataset",
  "main",
  "model",
  "models",
  "net",
  "network",
  "run",
  "test",
  "train",
  "training",
]);

/** The word behind one of these is what a training reads or builds: "data mnist". */
const NAMES_A_VALUE = /^(?:-.*|=|data|dataset|model|name)$/i;

/**
 * The scripts that a sentence speaks of without their ending, in the order of the paths: `exp3.py` in "exp3 with lr 3",
 * `hello_flow.py` in "HelloFlow". A word that is quoted, refused or the value of something else names none.
 */
export function findNamedScripts(text: string, paths: readonly string[]): string[] {
  const words = splitWords(text);
  const naming = words.filter(
    (word, at) =>
      !word.isQuoted &&
      !/^-|=/.test(word.text) &&
      !NAMES_A_VALUE.test(spokenAt(words, at - 1)) &&
      refusalBefore(words, at, OF_FILE) === undefined,
  );
  const spoken = new Set(naming.flatMap((word) => word.text.split(/[^\p{L}\p{N}_-]+/u)).map(bareName));
  return paths.filter((path) => {
    const name = bareName(path.slice(path.lastIndexOf("/") + 1));
    return !COMMON.has(name) && spoken.has(name);
  });
}

/** Whether a part of a sentence is a name of what is started: "HelloFlow" for `hello_flow.py` and `hello.py`. */
export function isNameOf(part: string, fileNames: readonly string[]): boolean {
  return fileNames.some((name) => bareName(name) === bareName(part));
}

/** A name as it is spoken: that of a flow and of its file are the same, and "fine-tune" is `finetune.py`. */
function bareName(text: string): string {
  return text.toLowerCase().replace(/(?:flow)?(?:\.py)?$|[^a-z0-9]/g, "");
}
