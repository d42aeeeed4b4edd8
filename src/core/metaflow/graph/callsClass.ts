import type { FlowFile } from "./flowSource.ts";

/** Whether the file makes an object of a class, as in `TrainFlow()`. */
export function callsClass({ text }: FlowFile, name: string): boolean {
  return new RegExp(`(?<!\\bclass\\s+|[.\\w])${name}\\(`).test(text);
}
