import type { PythonNode } from "../../base/pythonSyntax.ts";
import { isSeeded, SPLITTERS } from "./dataUse.ts";
import { drawnSplits, isDrawnWithSeed } from "./drawnSplits.ts";
import type { MlRule, RuleHit } from "./mlRule.ts";
import { type AuditedCode, ownerOf, type ScopedCall } from "./scopedCalls.ts";
import { timeOrderOf } from "./timeOrder.ts";

export const SPLIT_RULES: readonly MlRule[] = [
  {
    id: "shuffled-time-series",
    severity: "warning",
    about: "rows in order of time are split at random",
    find: findShuffledTime,
  },
  {
    id: "split-without-seed",
    severity: "information",
    about: "each run is judged by other rows",
    find: findUnseededSplits,
  },
];

function findShuffledTime(code: AuditedCode): RuleHit[] {
  const timeOrder = timeOrderOf(code);
  return [...code.scoped.filter(isRandomSplit), ...drawnSplits(code)].flatMap((split) => {
    const { node, method } = split;
    const evidence = timeOrder(split);
    return evidence === undefined
      ? []
      : [
          {
            node,
            message: `Line ${evidence.line + 1} treats the rows as ordered in time (\`${evidence.method}\`), and \`${method}\` mixes past and future here. Cut at a point in time: ${method === "train_test_split" ? "`shuffle=False`, or " : ""}TimeSeriesSplit.`,
          },
        ];
  });
}

function isRandomSplit({ method, keywords }: ScopedCall): boolean {
  const shuffle = keywords.get("shuffle")?.text;
  return (
    (method === "train_test_split" && shuffle !== "False") ||
    method === "random_split" ||
    method === "ShuffleSplit" ||
    (method.endsWith("KFold") && shuffle === "True")
  );
}

/** Seeds the generator that splits without one of their own draw from. */
const SEEDS = /^(?:seed|manual_seed|seed_everything|set_seed|set_random_seed|seed_all|init_seeds)$/;

function findUnseededSplits(code: AuditedCode): RuleHit[] {
  if (code.scoped.some(({ method }) => SEEDS.test(method))) {
    return [];
  }
  const splits = code.scoped.filter((call) => SPLITTERS.has(call.method) && !isSeeded(call, code.constants));
  const drawn = drawnSplits(code).filter((call) => !isDrawnWithSeed(call));
  return [...splits, ...drawn].map((call) => ({
    node: call.node,
    message: `\`${call.method}\` draws other rows in every run, so two runs cannot be compared. Give it ${seedOf(call)}.`,
  }));
}

function seedOf(call: ScopedCall): string {
  if (/^(?:random_split|randperm)$/.test(call.method)) {
    return "a seeded `generator`";
  }
  if (/^(?:np|numpy)\.random\./.test(call.callee)) {
    return "a seeded generator: `np.random.default_rng(0)`";
  }
  return isOfDataset(call) ? "`seed`" : "`random_state`";
}

/** `dataset.train_test_split(…)` is a method of Hugging Face's data sets, and takes `seed`. */
function isOfDataset(call: ScopedCall): boolean {
  const owner: PythonNode | undefined = ownerOf(call);
  return (
    call.method === "train_test_split" && owner !== undefined && !/^(?:sklearn\.)?model_selection$/.test(owner.text)
  );
}
