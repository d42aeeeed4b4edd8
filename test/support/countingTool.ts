import * as z from "zod";
import type { Tool } from "../../src/core/tools/tool.ts";

/** A tool that takes a count and answers with its input; `run` and `confirm` do what the test wants. */
export function countingTool(change: Partial<Tool<unknown>> = {}): Tool<unknown> {
  return {
    name: "trainyard_count",
    referenceName: "trainyardCount",
    displayName: "Count",
    modelDescription: "Counts.",
    userDescription: "Counts",
    icon: "$(symbol-number)",
    input: z.strictObject({ count: z.number().int().min(1) }),
    progress: () => "Counting",
    run: async (input) => ({ text: JSON.stringify(input) }),
    ...change,
  };
}
