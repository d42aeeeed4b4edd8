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

/** The script that a sentence speaks of without its ending: `exp3.py` in "exp3 with lr 3", `hello_flow.py` in "HelloFlow". */
export function findNamedScript(text: string, paths: readonly string[]): string | undefined {
  const spoken = new Set(text.split(/[^\p{L}\p{N}_-]+/u).map(bareName));
  return paths.find((path) => {
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
