import type { PythonNode } from "../../base/pythonSyntax.ts";
import { isSeeded, SPLITTERS } from "./dataUse.ts";
import { drawnSplits, isDrawnWithSeed } from "./drawnSplits.ts";
import type { MlRule, RuleHit } from "./mlRule.ts";
import { type AuditedCode, namesIn, ownerOf, type ScopedCall } from "./scopedCalls.ts";
import { assignmentAround, derivedNames, statementOf } from "./splitFlow.ts";

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

const TIME_COLUMN = /["'](?:date|datetime|timestamp|time|ds|day|month|week|year_month)["']/i;

/** The place that says the rows have an order in time. */
function timeEvidence(code: AuditedCode): ScopedCall | undefined {
  return code.scoped.find(
    (call) =>
      (isSortedByTime(call) && !isOnlyShown(call) && !isOneRowOfEach(call, code)) ||
      isWindowed(call) ||
      isReadByTime(call),
  );
}

function isSortedByTime({ method, positional, keywords }: ScopedCall): boolean {
  return (
    /^(?:sort_values|set_index|sort)$/.test(method) &&
    [positional[0], keywords.get("by")].some((node) => node !== undefined && TIME_COLUMN.test(node.text))
  );
}

/** Windows over time. `resample` of rows and of signals has other arguments. */
function isWindowed(call: ScopedCall): boolean {
  const { method, positional, keywords } = call;
  return (
    ownerOf(call) !== undefined &&
    (/^(?:rolling|asfreq)$/.test(method) ||
      (method === "resample" && (keywords.has("rule") || keywords.has("on") || positional[0]?.type === "string")))
  );
}

/** A table by time. A date that a row merely has, of birth or of signing up, orders nothing. */
function isReadByTime({ keywords }: ScopedCall): boolean {
  const dates = keywords.get("parse_dates");
  const index = keywords.get("index_col")?.text;
  return (
    dates !== undefined &&
    (TIME_COLUMN.test(dates.text) ||
      (index !== undefined && (dates.text === "True" || (/^["']/.test(index) && dates.text.includes(index)))))
  );
}

/** `print(df.sort_values("date"))` leaves the rows in the order they have. */
function isOnlyShown({ node, keywords }: ScopedCall): boolean {
  const statement = statementOf(node);
  return (
    statement.type === "expression_statement" &&
    statement.firstNamedChild?.type !== "assignment" &&
    !keywords.has("inplace")
  );
}

/** `sort_values("date").drop_duplicates("user_id")` keeps the last row of each user: rows of users, and not of days. */
function isOneRowOfEach(sort: ScopedCall, code: AuditedCode): boolean {
  const names = assignmentAround(sort, code)?.targets ?? namesIn(ownerOf(sort));
  return code.scoped.some((call) => {
    if (call.scopeId !== sort.scopeId || call.end < sort.end || !isReducing(call, code)) {
      return false;
    }
    const isChained = call.start <= sort.start;
    const derived = derivedNames(code, names, { scopeId: sort.scopeId, start: sort.start, end: call.start });
    return isChained || namesIn(ownerOf(call)).some((name) => derived.has(name));
  });
}

function isReducing(call: ScopedCall, code: AuditedCode): boolean {
  if (call.method === "drop_duplicates") {
    const key = call.positional[0] ?? call.keywords.get("subset");
    return key !== undefined && !TIME_COLUMN.test(key.text);
  }
  const owner = ownerOf(call);
  return (
    /^(?:first|last|head|tail|nth)$/.test(call.method) &&
    code.scoped.some(
      ({ method, node, positional }) =>
        method === "groupby" && node.id === owner?.id && !TIME_COLUMN.test(positional[0]?.text ?? ""),
    )
  );
}

function findShuffledTime(code: AuditedCode): RuleHit[] {
  const evidence = timeEvidence(code);
  if (!evidence) {
    return [];
  }
  return [...code.scoped.filter(isRandomSplit), ...drawnSplits(code)].map(({ node, method }) => ({
    node,
    message: `Line ${evidence.line + 1} treats the rows as ordered in time (\`${evidence.method}\`), and \`${method}\` mixes past and future here. Cut at a point in time: ${method === "train_test_split" ? "`shuffle=False`, or " : ""}TimeSeriesSplit.`,
  }));
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
