import { resolve } from "node:path";
import { compareCheckpoints } from "../../core/checkpoints/compareCheckpoints.ts";
import { renderComparisonColumns } from "../../core/checkpoints/describeComparison.ts";
import { type CliVerb, JSON_OPTION, UsageError } from "../base/cliVerb.ts";
import { toJson } from "./cliCheckpoints.ts";
import { readCheckpointWithTensors } from "./readCheckpoint.ts";

export const compareVerb: CliVerb = {
  usage: "<checkpoint> <checkpoint> [--json]",
  summary: "say which tensors, settings and metrics differ between two checkpoints",
  options: {
    json: JSON_OPTION,
  },
  async run({ root, words, options, host }) {
    const [first, second, ...others] = words;
    if (first === undefined || second === undefined || others.length > 0) {
      const given = ["none was", "one was"][words.length] ?? `${words.length} were`;
      throw new UsageError(`Two checkpoints are compared; ${given} given.`);
    }
    const before = await readCheckpointWithTensors(resolve(root, first));
    const after = await readCheckpointWithTensors(resolve(root, second));
    const comparison = compareCheckpoints(before, after);
    const sides = { before: before.summary, after: after.summary };
    host.print(
      options["json"] === true
        ? toJson({ ...sides, ...comparison })
        : renderComparisonColumns(sides, comparison, [first, second]),
    );
    return 0;
  },
};
