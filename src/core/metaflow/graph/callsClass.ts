import { codePlaces } from "../../base/pythonStrings.ts";
import type { FlowFile } from "./flowSource.ts";

/** Whether the file makes an object of a class, as in `TrainFlow()`. What a text or a comment says is no call. */
export function callsClass({ text }: FlowFile, name: string): boolean {
  const isCode = codePlaces(text);
  const calls = text.matchAll(new RegExp(`(?<!\\b(?:class|def)\\s+|[.\\w])${name}[ \\t]*\\(`, "g"));
  return [...calls].some(({ index }) => isCode(index));
}
