import { basename, extname } from "node:path";
import { readJsonDocument } from "../../core/metrics/jsonDocument.ts";
import { readTrainerState } from "../../core/metrics/jsonLog.ts";
import type { MetricFile, MetricFileKind } from "./metricFiles.ts";
import { type MetricSource, singleSource } from "./metricSource.ts";
import { MlflowRunFolder } from "./mlflowRunFolder.ts";
import { PrintedMetrics } from "./printedMetrics.ts";
import type { SqliteStores } from "./sqliteStores.ts";
import { TailedLog, WholeDocument } from "./tailedLog.ts";

/** Opens a log. `hasSiblings`: others of its kind lie in its folder, from whose metrics its own are told apart by its name. */
export function openSource(
  { path, kind, run }: MetricFile,
  { hasSiblings, stores }: { hasSiblings: boolean; stores: SqliteStores },
): MetricSource {
  if (kind === "sqlite") {
    return stores.open(path);
  }
  if (kind === "mlflow-run") {
    return new MlflowRunFolder(path);
  }
  if (kind === "printed") {
    const printed = new PrintedMetrics();
    return {
      update: () => printed.update(path),
      get runs() {
        return [{ place: run, series: printed.series }];
      },
    };
  }
  const prefix = isNamedByFile(kind) && hasSiblings ? `${basename(path, extname(path))}/` : "";
  if (kind === "trainer-state" || kind === "json") {
    const read = kind === "json" ? (text: string) => readJsonDocument(text, prefix) : readTrainerState;
    return singleSource(new WholeDocument(path, read), run);
  }
  return singleSource(new TailedLog(path, kind, prefix), run);
}

/** Whether the metrics of such a log begin with its name where another one lies beside it. */
export function isNamedByFile(kind: MetricFileKind): boolean {
  return kind === "csv" || kind === "jsonl" || kind === "json";
}
