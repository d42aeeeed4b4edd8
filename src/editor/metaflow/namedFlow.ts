import { nameWords } from "../../core/base/nameWords.ts";
import type { FlowRun } from "../../core/metaflow/runs/flowRun.ts";

/** Words that are written as the names of flows are. */
export const FLOW_NAME = /^[A-Z]\w*Flow$/;

/**
 * The flow whose runs a text asks for, by its class or its file, as `ChurnFlow` or `churn_flow.py`; one that has no run too,
 * so that no other one is shown in its place.
 */
export function namedFlow(text: string, runs: readonly Pick<FlowRun, "flow">[]): string | undefined {
  const words: readonly string[] = text.match(/[A-Za-z_]\w*/g) ?? [];
  const ran =
    runs.find(({ flow }) => words.includes(flow)) ??
    runs.find(({ flow }) => words.some((word) => isFileOf(word, flow)));
  return ran?.flow ?? words.find((word) => FLOW_NAME.test(word));
}

function isFileOf(word: string, flow: string): boolean {
  return word.includes("_") && nameWords(word).join() === nameWords(flow).join();
}
