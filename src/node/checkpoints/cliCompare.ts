import { resolve } from "node:path";
import { renderComparisonColumns } from "../../core/checkpoints/describeComparison.ts";
import { type CliVerb, JSON_OPTION, UsageError } from "../base/cliVerb.ts";
import { toJson } from "./cliCheckpoints.ts";
import { compareFiles } from "./compareFiles.ts";

const ADVICE =
  "The same with --numbers compares the numbers in the tensors as well, and reads both files whole for it.";

export const compareVerb: CliVerb = {
  usage: "<checkpoint> <checkpoint> [--numbers] [--json]",
  summary: "say which tensors, settings and metrics differ between two checkpoints",
  options: {
    numbers: { type: "boolean", help: "compare the numbers in the tensors as well; reads both files whole" },
    json: JSON_OPTION,
  },
  async run({ root, words, options, host }) {
    const [first, second, ...others] = words;
    if (first === undefined || second === undefined || others.length > 0) {
      const given = ["none was", "one was"][words.length] ?? `${words.length} were`;
      throw new UsageError(`Two checkpoints are compared; ${given} given.`);
    }
    const hasNumbers = options["numbers"] === true;
    const { sides, comparison } = await compareFiles(resolve(root, first), resolve(root, second), { hasNumbers });
    if (options["json"] === true) {
      host.print(toJson({ ...sides, ...comparison }));
      return 0;
    }
    const text = renderComparisonColumns(sides, comparison, [first, second]);
    host.print(hasNumbers || comparison.alikeCount === 0 ? text : `${text}\n\n${ADVICE}`);
    return 0;
  },
};
