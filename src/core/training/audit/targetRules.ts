import { readConstant, stringOf } from "../../base/pythonLiteral.ts";
import { type PythonNode, readCall } from "../../base/pythonSyntax.ts";
import { type ColumnSet, columnSetOf, writtenColumns } from "./columnSets.ts";
import { derivedColumns, framesBehind, isRemovedSomewhere } from "./derivedColumns.ts";
import type { MlRule, RuleHit } from "./mlRule.ts";
import { type AuditedCode, namesIn, type ScopedCall } from "./scopedCalls.ts";

export const TARGET_RULES: readonly MlRule[] = [
  {
    id: "target-in-features",
    severity: "error",
    about: "the column to predict is among the columns to predict it from",
    find: findTargetInFeatures,
  },
];

/** Calls that take features and target, and where. */
const TAKERS = /^(?:fit|train_test_split)$/;
const TAKERS_WITH_MODEL = /^cross_(?:val_score|validate|val_predict)$/;

/** What picks columns inside of the model decides there which are features. */
const CHOOSES_INSIDE = /\b(?:ColumnTransformer|make_column_transformer|ColumnSelector|DataFrameMapper)\b/;

function findTargetInFeatures(code: AuditedCode): RuleHit[] {
  if (CHOOSES_INSIDE.test(code.root.text)) {
    return [];
  }
  return code.scoped.flatMap((call): RuleHit[] => {
    const given = featuresAndTarget(call);
    const target = given && columnOf(given.target, call, code);
    if (!target) {
      return [];
    }
    const features = featureColumns(given.features, target, { call, code });
    const isGiven =
      features !== undefined &&
      holds(features, target.name) &&
      !(features.kind === "all-but" && wasRemoved(target, [target.frame, given.features.text], { call, code }));
    return isGiven
      ? [
          {
            node: given.features,
            message: `\`${target.name}\` is what the model shall predict, and it is also among the features it gets here. Leave it out: \`${target.frame}.drop(columns="${target.name}")\`.`,
          },
        ]
      : derivedHits(target, features, { call, code });
  });
}

/** `df["ratio"] = df["churn"] * df["spend"]`: whoever knows `ratio` and `spend` knows `churn`. */
function derivedHits(
  target: Column,
  features: ColumnSet | undefined,
  { call, code }: { call: ScopedCall; code: AuditedCode },
): RuleHit[] {
  const frames = framesBehind(target.frame, code);
  const isAmongFeatures = (name: string) =>
    features !== undefined &&
    name !== target.name &&
    holds(features, name) &&
    (features.kind === "only" || !isRemovedSomewhere(name, code));
  const made = derivedColumns(code).filter(
    ({ frame, value }) => value.startIndex < call.start && frames.includes(frame),
  );
  const line = call.node.startPosition.row + 1;
  const answers = made
    .filter(({ name, sources }) => sources.includes(target.name) && isAmongFeatures(name))
    .map(({ name, value }) => ({
      node: value,
      message: `\`${target.name}\` is what the model shall predict, and \`${name}\`, which is computed of it here, is among the features in line ${line}: it carries the answer. Leave it out as well.`,
    }));
  // Features that are chosen by name beside a target that is made of them are a demonstration; one that is left in was forgotten.
  const origins = made
    .filter(({ name }) => name === target.name && features?.kind === "all-but")
    .flatMap(({ sources: [source, ...others], value }) =>
      source !== undefined && others.length === 0 && isAmongFeatures(source)
        ? [
            {
              node: value,
              message: `\`${target.name}\` is what the model shall predict. It is computed of \`${source}\` here, which is among the features in line ${line}: whoever knows it knows the answer. Leave it out as well.`,
            },
          ]
        : [],
    );
  return [...answers, ...origins];
}

function holds({ kind, names }: ColumnSet, name: string): boolean {
  return names.includes(name) === (kind === "only");
}

function featuresAndTarget({
  method,
  positional,
}: ScopedCall): { features: PythonNode; target: PythonNode } | undefined {
  const first = TAKERS.test(method) ? 0 : TAKERS_WITH_MODEL.test(method) ? 1 : undefined;
  const [features, target] = first === undefined ? [] : positional.slice(first, first + 2);
  return features && target ? { features, target } : undefined;
}

/** The columns that the models of a file shall predict, as far as it names them. */
export function targetColumns(code: AuditedCode): ReadonlySet<string> {
  const given = code.scoped.flatMap((call) => {
    const target = featuresAndTarget(call)?.target;
    return target ? (columnOf(target, call, code)?.name ?? []) : [];
  });
  const popped = code.scoped.flatMap(({ method, positional }) =>
    method === "pop" ? (stringOf(positional[0]) ?? []) : [],
  );
  return new Set([...given, ...popped]);
}

type Column = { frame: string; name: string; start: number };

/** `df` and `price` of `df["price"]`, also through a name that was given it before. */
function columnOf(node: PythonNode, call: ScopedCall, code: AuditedCode): Column | undefined {
  const assigned = valueOf(node, call, code);
  const value = withoutConversion(assigned?.value ?? node);
  const rows = rowsOf(value);
  if (rows) {
    return columnOf(rows, call, code);
  }
  const start = assigned?.start ?? call.node.startIndex;
  const frame = value.childForFieldName(value.type === "attribute" ? "object" : "value");
  if (frame?.type !== "identifier") {
    return undefined;
  }
  if (value.type === "attribute") {
    const name = value.childForFieldName("attribute")?.text ?? "";
    return isTable(frame.text, code) && !OF_A_TABLE.test(name) ? { frame: frame.text, name, start } : undefined;
  }
  const [key, ...others] = value.childrenForFieldName("subscript");
  const name = others.length === 0 ? readConstant(key, code.constants) : undefined;
  return value.type === "subscript" && name?.kind === "string"
    ? { frame: frame.text, name: name.value, start }
    : undefined;
}

/** What every table has, and is no column of it. */
const OF_A_TABLE = /^(?:T|index|columns|shape|size|values|i?loc|i?at|dtypes|attrs)$/;

/** Read by pandas or polars, or asked for what only a table has: `df.price` may be a column of nothing else. */
function isTable(name: string, { scoped }: AuditedCode): boolean {
  return scoped.some(
    ({ callee, method, targets }) =>
      callee === `${name}.drop` || (targets.includes(name) && /^(?:read_\w+|DataFrame)$/.test(method)),
  );
}

/** `y` of `y.iloc[rows]`, of which the rows are some and the column is the same. */
function rowsOf(value: PythonNode): PythonNode | undefined {
  const owner = value.type === "subscript" ? value.childForFieldName("value") : undefined;
  const isLocated = owner?.type === "attribute" && /^i?loc$/.test(owner.childForFieldName("attribute")?.text ?? "");
  const [key, ...others] = isLocated ? value.childrenForFieldName("subscript") : [];
  return key !== undefined && others.length === 0 && key.type !== "string"
    ? (owner?.childForFieldName("object") ?? undefined)
    : undefined;
}

/** The last assignment of a plain name before a call in its scope; `b` of `X, y = a, b` for `y`. */
function valueOf(
  node: PythonNode,
  call: ScopedCall,
  { assignments }: AuditedCode,
): { value: PythonNode; start: number } | undefined {
  const given =
    node.type === "identifier"
      ? assignments.findLast(
          ({ scopeId, start, targets }) =>
            scopeId === call.scopeId && start < call.node.startIndex && targets.includes(node.text),
        )
      : undefined;
  const isList = given?.value.type === "expression_list" || given?.value.type === "tuple";
  const values = given && isList ? given.value.namedChildren : given ? [given.value] : [];
  const value = values.length === given?.targets.length ? values[given.targets.indexOf(node.text)] : undefined;
  return given && value ? { value, start: given.start } : undefined;
}

/** `df` of `df.values`, `df.copy()`, `df.fillna(0)` and `pd.get_dummies(df)`, which all keep its columns. */
function withoutConversion(node: PythonNode): PythonNode {
  const converted = node.type === "call" ? readCall(node) : undefined;
  if (converted?.method === "get_dummies" && converted.positional[0]) {
    return withoutConversion(converted.positional[0]);
  }
  const method = node.type === "call" ? node.childForFieldName("function") : node;
  const name = method?.type === "attribute" ? method.childForFieldName("attribute")?.text : undefined;
  const object = method?.childForFieldName("object");
  const isConversion = /^(?:values|copy|to_numpy|astype|reset_index|ravel|tolist|fillna|dropna)$/.test(name ?? "");
  return object && isConversion ? withoutConversion(object) : node;
}

/** The columns of the target's table that a model gets, as far as the text tells. */
function featureColumns(
  features: PythonNode,
  { frame }: Column,
  { call, code }: { call: ScopedCall; code: AuditedCode },
): ColumnSet | undefined {
  const value = withoutConversion(valueOf(features, call, code)?.value ?? features);
  const chosen = chosenOf(value, frame);
  if (chosen) {
    return columnSetOf(chosen, { frame, place: call.node, code });
  }
  if (features.text === frame || (value.type === "identifier" && value.text === frame)) {
    return { kind: "all-but", names: [] };
  }
  const dropped = droppedColumns(value, frame, code);
  return dropped && { kind: "all-but", names: dropped };
}

/** `columns` of `df[columns]` and of `df.loc[:, columns]`. */
function chosenOf(value: PythonNode, frame: string): PythonNode | undefined {
  const table = value.type === "subscript" ? value.childForFieldName("value")?.text : undefined;
  const [first, second] = table === undefined ? [] : value.childrenForFieldName("subscript");
  return table === frame ? first : table === `${frame}.loc` && first?.text === ":" ? second : undefined;
}

/** The columns that `df.drop(columns=[…])` or `df.drop([…], axis=1)` leaves out, where they are written out. */
function droppedColumns(value: PythonNode, frame: string, code: AuditedCode): readonly string[] | undefined {
  const drop = value.type === "call" ? code.scoped.find(({ node }) => node.id === value.id) : undefined;
  const keyword = drop?.keywords.get("columns");
  const isColumns = keyword !== undefined || /^(?:1|["']columns["'])$/.test(drop?.keywords.get("axis")?.text ?? "");
  return drop?.callee === `${frame}.drop` && isColumns
    ? writtenColumns(keyword ?? drop.keywords.get("labels") ?? drop.positional[0], code)
    : undefined;
}

/** `pop`, `del` and `drop` take the column out of the frame; so may a new value of its name. */
function wasRemoved(
  target: Column,
  frames: readonly string[],
  { call, code }: { call: ScopedCall; code: AuditedCode },
): boolean {
  const isBefore = (start: number) => start < call.node.startIndex;
  const byCall = code.scoped.some(
    ({ callee, node, keywords }) =>
      isBefore(node.startIndex) &&
      frames.some((frame) => callee === `${frame}.pop` || (callee === `${frame}.drop` && keywords.has("inplace"))),
  );
  const byDelete = code.root
    .descendantsOfType("delete_statement")
    .some((node) => isBefore(node.startIndex) && namesIn(node).some((name) => frames.includes(name)));
  const byAssignment = code.assignments.some(
    ({ start, targets }) => start > target.start && isBefore(start) && targets.includes(target.frame),
  );
  return byCall || byDelete || byAssignment;
}
