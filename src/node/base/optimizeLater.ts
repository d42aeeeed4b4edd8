import { setFlagsFromString } from "node:v8";

/**
 * For a process that reads a few Python files and ends; called before the parser is loaded. V8 optimizes the parser after
 * about one file, which takes longer than reading that file, and a process waits for it before it ends. With this budget
 * it begins after about a hundred files, where it pays.
 */
export function optimizeParserLater(): void {
  setFlagsFromString("--wasm-tiering-budget=1000000000");
}
