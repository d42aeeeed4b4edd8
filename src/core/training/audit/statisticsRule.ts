import { stringOf } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import type { RuleHit } from "./mlRule.ts";
import { type AuditedCode, namesIn, ownerOf, type ScopedCall } from "./scopedCalls.ts";
import { assignmentAround, splitOf } from "./splitFlow.ts";
import { targetColumns } from "./targetRules.ts";
import { splitPartOf } from "./testParts.ts";

const STATISTIC = /^(?:mean|std|var|min|max|median|mode|quantile|amin|amax|nanmean|nanmedian|nanstd)$/;

/** Along a row, which knows nothing of the other rows. */
const ALONG_ROWS = /^(?:-?1|["']columns["']|\(1\b.*)$/;

/** Scaling, filling and encoding by hand with numbers that all rows gave. */
export function findStatisticsBeforeSplit(code: AuditedCode): RuleHit[] {
  const statistics = code.scoped.filter(
    ({ method, keywords, positional, node }) =>
      (STATISTIC.test(method) || (method === "transform" && STATISTIC.test(stringOf(positional[0]) ?? ""))) &&
      !ALONG_ROWS.test(keywords.get("axis")?.text ?? "") &&
      !/train/i.test(node.text),
  );
  return statistics.length === 0
    ? []
    : [...scalings(code, statistics), ...fillings(code, statistics), ...encodings(code, statistics)];
}

function scalings(code: AuditedCode, statistics: readonly ScopedCall[]): RuleHit[] {
  return code.assignments.flatMap(({ value, scopeId, start, targets }) => {
    const statistic =
      value.type === "binary_operator" && /[-/]/.test(value.text)
        ? (within(value, statistics) ?? operandStatistic(value, { scopeId, start, targets }, { code, statistics }))
        : undefined;
    const split = statistic ? splitOf(code, targets, { scopeId, start }) : undefined;
    return statistic && split
      ? [
          {
            node: value,
            message: `All rows are scaled by \`${statistic.method}\` of all rows, and line ${split.line + 1} splits them afterwards. Compute it on the training part and use it for every part.`,
          },
        ]
      : [];
  });
}

/** `mu` of `X = (X - mu) / sigma`, where `mu` is the mean of `X`. */
function operandStatistic(
  value: PythonNode,
  scaled: { scopeId: number; start: number; targets: readonly string[] },
  known: { code: AuditedCode; statistics: readonly ScopedCall[] },
): ScopedCall | undefined {
  const isOfScaled = (statistic: ScopedCall | undefined) =>
    statistic !== undefined && namesIn(statistic.node).some((name) => scaled.targets.includes(name));
  return value
    .descendantsOfType("identifier")
    .filter(({ text }) => !scaled.targets.includes(text))
    .map((operand) => namedStatistic(operand, scaled, known))
    .find(isOfScaled);
}

/** `df["age"].fillna(df["age"].median())`, also where the median has a name. */
function fillings(code: AuditedCode, statistics: readonly ScopedCall[]): RuleHit[] {
  return code.scoped
    .filter(({ method }) => method === "fillna")
    .flatMap((call) => {
      const filler = call.positional[0] ?? call.keywords.get("value");
      const statistic = filler && (within(filler, statistics) ?? namedStatistic(filler, call, { code, statistics }));
      const rows = keywordIs(call, "inplace", "True") ? namesIn(ownerOf(call)) : assignmentAround(call, code)?.targets;
      const isTraining = rows?.some((name) => splitPartOf(name, call, code) !== undefined) === true;
      const split = statistic && rows && !isTraining ? splitOf(code, rows, call) : undefined;
      return statistic && split
        ? [
            {
              node: call.node,
              message: `Missing values are filled with the \`${nameOf(statistic)}\` of all rows, and line ${split.line + 1} splits them afterwards. Compute it on the training part and use it for every part, or put a SimpleImputer into a Pipeline.`,
            },
          ]
        : [];
    });
}

/** `df.groupby("city")["clicked"].transform("mean")`, where `clicked` is what the model shall predict. */
function encodings(code: AuditedCode, statistics: readonly ScopedCall[]): RuleHit[] {
  const targets = targetColumns(code);
  return statistics.flatMap((statistic) => {
    const column = groupedColumn(statistic, code);
    const assigned = column !== undefined && targets.has(column) ? assignmentAround(statistic, code) : undefined;
    const isTraining = namesIn(ownerOf(statistic)).some((name) => splitPartOf(name, statistic, code) !== undefined);
    const split = assigned && !isTraining ? splitOf(code, assigned.targets, assigned) : undefined;
    return split
      ? [
          {
            node: statistic.node,
            message: `\`${column}\` is what the model shall predict, and its \`${nameOf(statistic)}\` of each group is computed on all rows, which line ${split.line + 1} splits afterwards: the feature carries the answers of the held-out rows. Compute it on the training part alone.`,
          },
        ]
      : [];
  });
}

/** `clicked` of `df.groupby("city")["clicked"].mean()`. */
function groupedColumn(call: ScopedCall, { scoped }: AuditedCode): string | undefined {
  const column = ownerOf(call);
  const group = column?.childForFieldName(column.type === "subscript" ? "value" : "object");
  const isGrouped = scoped.some(({ node, method }) => method === "groupby" && node.id === group?.id);
  return isGrouped
    ? (stringOf(column?.childForFieldName("subscript")) ?? column?.childForFieldName("attribute")?.text)
    : undefined;
}

function within(node: PythonNode, calls: readonly ScopedCall[]): ScopedCall | undefined {
  const { startIndex, endIndex } = node;
  return calls.find(({ start, end }) => start >= startIndex && end <= endIndex);
}

function namedStatistic(
  filler: PythonNode,
  { scopeId, start }: { scopeId: number; start: number },
  { code, statistics }: { code: AuditedCode; statistics: readonly ScopedCall[] },
): ScopedCall | undefined {
  const names = namesIn(filler);
  const given = code.assignments.findLast(
    (each) => each.scopeId === scopeId && each.start < start && each.targets.some((name) => names.includes(name)),
  );
  return filler.type === "identifier" && given ? within(given.value, statistics) : undefined;
}

function nameOf({ method, positional }: ScopedCall): string {
  return method === "transform" ? (stringOf(positional[0]) ?? method) : method;
}

function keywordIs({ keywords }: ScopedCall, name: string, value: string): boolean {
  return keywords.get(name)?.text === value;
}
