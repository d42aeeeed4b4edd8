import { importsIn } from "../../base/pythonImports.ts";
import { type PythonNode, parametersOf } from "../../base/pythonSyntax.ts";
import { type AuditedCode, namesIn, ownerOf, type ScopedCall, scopeOf } from "./scopedCalls.ts";
import { assignmentAround, callsOf, derivedNames, statementOf } from "./splitFlow.ts";

/*
 * Whether rows that are split have an order in time. Something has to say so of these rows: a call that sorts or reads them by
 * time, or slides a window over them. What another table of the same file is sorted by says nothing.
 */

const TIME_COLUMN = /["'](?:date|datetime|timestamp|time|ds|day|month|week|year_month)["']/i;

/** A call that says that rows have an order, and the names that hold these rows from `start` on. */
type Order = { evidence: ScopedCall; names: readonly string[]; scopeId: number; start: number; end: number };

type Place = { scopeId: number; start: number };

/** A function may hand the rows on to another one; more steps than these are somebody's framework. */
const MAX_CALLS = 2;

/** Finds the call that says that what a split is given is ordered in time. */
export function timeOrderOf(code: AuditedCode): (split: ScopedCall) => ScopedCall | undefined {
  const imported = new Set(importsIn(code.root).map(({ local }) => local));
  const direct = ordersIn(code, imported);
  const orders = direct.length === 0 ? [] : [...direct, ...returnedOrders(code, direct)];
  return (split) => {
    const names = dataOf(split, code).filter((name) => !imported.has(name));
    const within = orders.find(({ start, end }) => start >= split.start && end <= split.end);
    // A splitter that nobody gives rows, as far as the file tells, is for the rows before it.
    const before = orders.find(({ scopeId, start }) => scopeId === split.scopeId && start < split.start);
    return (within ?? (names.length === 0 ? before : orderOf(names, split, { code, orders })))?.evidence;
  };
}

function ordersIn(code: AuditedCode, imported: ReadonlySet<string>): Order[] {
  return code.scoped.flatMap((call) => {
    const isSort = isSortedByTime(call) && !isOnlyShown(call) && !isOneRowOfEach(call, code);
    const isWindow = isWindowed(call);
    if (!isSort && !isWindow && !isReadByTime(call)) {
      return [];
    }
    const assigned = assignmentAround(call, code)?.targets ?? [];
    const owned = isWindow || call.keywords.has("inplace") ? namesIn(ownerOf(call)) : [];
    const names = [...assigned, ...owned].filter((name) => !imported.has(name));
    return [{ evidence: call, names, scopeId: call.scopeId, start: call.start, end: call.end }];
  });
}

/** Calls of the functions of this file that return ordered rows. */
function returnedOrders(code: AuditedCode, orders: readonly Order[]): Order[] {
  return code.root.descendantsOfType("function_definition").flatMap((definition) => {
    const own = orders.filter(({ scopeId }) => scopeId === definition.id);
    const returned = own.length === 0 ? [] : definition.descendantsOfType("return_statement");
    const order = own.find((each) =>
      returned.some((node) => {
        const isWithin = each.start >= node.startIndex && each.end <= node.endIndex;
        return isWithin || holdsOrder(namesIn(node), each, { code, end: node.startIndex });
      }),
    );
    return order === undefined
      ? []
      : callsOf(definition, code).map((call) => ({
          evidence: order.evidence,
          names: assignmentAround(call, code)?.targets ?? [],
          scopeId: call.scopeId,
          start: call.start,
          end: call.end,
        }));
  });
}

function holdsOrder(
  names: readonly string[],
  order: Order,
  { code, end }: { code: AuditedCode; end: number },
): boolean {
  const derived = derivedNames(code, order.names, { scopeId: order.scopeId, start: order.end, end });
  return names.some((name) => derived.has(name));
}

/** The names of the rows that a split divides. */
function dataOf(split: ScopedCall, code: AuditedCode): string[] {
  const own = [...namesIn(split.node.childForFieldName("arguments")), ...namesIn(ownerOf(split))];
  if (!/(?:KFold|ShuffleSplit)$/.test(split.method)) {
    return own;
  }
  const [name] = assignmentAround(split, code)?.targets ?? [];
  return code.scoped
    .filter(
      ({ callee, keywords, start, end }) =>
        (name !== undefined && (callee === `${name}.split` || keywords.get("cv")?.text === name)) ||
        (start < split.start && end > split.end),
    )
    .flatMap(({ positional }) => positional.flatMap(namesIn));
}

type Known = { code: AuditedCode; orders: readonly Order[] };

/** The order of rows that have these names at a place: in the function around it, at the top of the file, or where they come from. */
function orderOf(
  names: readonly string[],
  at: Place & { node: PythonNode },
  known: Known,
  depth = 0,
): Order | undefined {
  const { code, orders } = known;
  const inScope = (scopeId: number, end: number, held: readonly string[]) =>
    orders.find((order) => order.scopeId === scopeId && order.start < end && holdsOrder(held, order, { code, end }));
  const scope = scopeOf(at.node);
  const local = inScope(at.scopeId, at.start, names);
  if (local !== undefined || scope.type !== "function_definition") {
    return local;
  }
  const span = { scopeId: at.scopeId, start: scope.startIndex, end: at.start };
  const given = parametersOf(scope).findIndex(({ name }) => {
    const derived = derivedNames(code, [name], span);
    return names.some((each) => derived.has(each));
  });
  const fromCaller = given === -1 || depth === MAX_CALLS ? undefined : orderGiven(given, scope, known, depth);
  const own = new Set(
    code.assignments.filter(({ scopeId }) => scopeId === at.scopeId).flatMap(({ targets }) => targets),
  );
  const outer = names.filter((name) => !own.has(name));
  const kept = names.filter((name) => at.node.text.includes(`self.${name}`));
  return (
    fromCaller ??
    inScope(code.root.id, Infinity, outer) ??
    orders.find((order) => holdsOrder(kept, order, { code, end: Infinity }))
  );
}

/** The order of the rows that a function is given by its callers. */
function orderGiven(index: number, definition: PythonNode, known: Known, depth: number): Order | undefined {
  const { code, orders } = known;
  const name = parametersOf(definition)[index]?.name ?? "";
  for (const call of callsOf(definition, code)) {
    const argument = call.keywords.get(name) ?? call.positional[index];
    const within = orders.find(
      ({ start, end }) => argument && start >= argument.startIndex && end <= argument.endIndex,
    );
    const order = within ?? orderOf(namesIn(argument), call, known, depth + 1);
    if (order !== undefined) {
      return order;
    }
  }
  return undefined;
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
