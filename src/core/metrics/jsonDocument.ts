import { findHistory, isObject, numberOf, parseTolerant, readEntries } from "./jsonLog.ts";
import { findAxis, isAxisName } from "./metricLog.ts";
import { SeriesTable } from "./seriesTable.ts";

/** Lists that lie deeper than this are a configuration. */
const MAX_DEPTH = 3;

/**
 * A document that is written as a whole: the lists of Keras' `history.history`, `{"train": {"loss": [1, 0.5]}}`, a list of an
 * object for each epoch, a `trainer_state.json` of another name, or plain results. `prefix` stands before every tag.
 */
export function readJsonDocument(text: string, prefix = ""): SeriesTable {
  const document = parseTolerant(text);
  const entries = Array.isArray(document) ? document : findHistory(document);
  if (entries !== undefined) {
    return readEntries(entries, prefix);
  }
  const table = new SeriesTable();
  addLists(table, document, prefix, 0);
  return table.all().length > 0 ? table : readEntries([document], prefix);
}

/** Like Keras' own CSVLogger, epochs that are not told are counted from zero. */
function addLists(table: SeriesTable, from: unknown, prefix: string, depth: number): void {
  if (!isObject(from)) {
    return;
  }
  const counts = listOf(from[findAxis(Object.keys(from)) ?? ""]);
  for (const [name, value] of Object.entries(from)) {
    if (isObject(value) && depth < MAX_DEPTH) {
      addLists(table, value, `${prefix}${name}/`, depth + 1);
    }
    const values = isAxisName(name) ? [] : listOf(value);
    const series = values.some((each) => each !== undefined) ? table.open(prefix + name) : undefined;
    const isCounted = counts.length === values.length;
    for (const [index, each] of values.entries()) {
      if (series !== undefined && each !== undefined) {
        table.add(series, (isCounted ? counts[index] : undefined) ?? index, Number.NaN, each);
      }
    }
  }
}

function listOf(value: unknown): (number | undefined)[] {
  return Array.isArray(value) ? value.map(numberOf) : [];
}
