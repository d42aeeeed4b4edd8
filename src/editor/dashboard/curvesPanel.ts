import * as vscode from "vscode";
import type { CurvesState, FoundFolder } from "../../core/dashboard/curvesMessage.ts";
import { sortSummaries } from "../../core/dashboard/describeMetrics.ts";
import type { CurveSeries } from "../../core/dashboard/growingCurve.ts";
import type { SeriesSummary } from "../../core/dashboard/summarizeSeries.ts";
import type { Series } from "../../core/metrics/series.ts";
import { mayHaveValues, namedRun, runsToCompare, startedFirst } from "../../core/training/namedRun.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { type MetricsClient, openMetrics } from "../../node/metrics/metricsClient.ts";
import type { FolderReply } from "../../node/metrics/metricsProtocol.ts";
import { fileOf } from "../base/commandTarget.ts";
import { curvesPage } from "./curvesPage.ts";
import { CURVES_VIEW_TYPE } from "./curvesRestoring.ts";
import { type CurvesDeps, OpenCurves } from "./openCurves.ts";
import { pickFolder } from "./pickFolder.ts";
import { readCurves } from "./readCurves.ts";
import type { ShownCurves } from "./shownCurves.ts";
import { ShownFolder } from "./shownFolder.ts";
import { findFolders, ShownRuns } from "./shownRuns.ts";

/** A small picture is narrower than this. */
const PICTURE_POINTS = 400;
/** What a model and a report are told is not told more exactly by more of them. */
const SERIES_POINTS = 2_000;
/** Of a folder with more runs the newest are told of. */
const TOLD_RUNS = 8;

/** What the curves of a run come to; `deciding` is the one that it is judged by, as finely as a small picture. */
export type ReadSummaries = { summaries: SeriesSummary[]; source: string; deciding?: CurveSeries };

/** The panel of curves: one for each window, whatever was asked for last. */
export class CurvesPanels {
  readonly #deps: CurvesDeps;
  readonly #client: MetricsClient = openMetrics();
  #open: OpenCurves | undefined;

  constructor(deps: CurvesDeps) {
    this.#deps = deps;
  }

  /**
   * Shows a run of the view, the id or the ids it was called with, else the newest; the panel itself offers the others. Without
   * any run it says where the curves of one would come from.
   */
  async show(target: unknown, options: { preserveFocus: boolean } = { preserveFocus: false }): Promise<void> {
    const several = Array.isArray(target) ? target.filter((id) => typeof id === "string") : [];
    if (several.length > 0) {
      this.#reveal(this.#shownRuns(several), options);
      return;
    }
    const run = await this.findRun(target);
    const shown = this.#open?.shown;
    // A run that is shown already stays among the others.
    const isShown = shown instanceof ShownRuns && (run === undefined || shown.has(run.record.id));
    this.#reveal(isShown ? shown : this.#shownRuns(run === undefined ? [] : [run.record.id]), options);
  }

  /** Shows the runs of a folder of logs, or of one log: the one that the command was called on, or that the person picks. */
  async showFolder(target: unknown): Promise<void> {
    const folder = fileOf(target)?.fsPath ?? (await pickFolder(this.#client));
    if (folder !== undefined) {
      this.#reveal(new ShownFolder(folder, this.#client), { preserveFocus: false });
    }
  }

  /** How the curves in a folder of logs, or in one log, go. */
  readFolder(folder: string): Promise<FolderReply> {
    return this.#client.readFolder({ folder, chosen: [], maxRuns: TOLD_RUNS, maxPoints: PICTURE_POINTS, smoothing: 0 });
  }

  /** What holds logs in the workspace. */
  findFolders(): Promise<FoundFolder[]> {
    return findFolders(this.#client);
  }

  #reveal(shown: ShownCurves, options: { preserveFocus: boolean }): void {
    if (this.#open !== undefined) {
      this.#open.reveal(shown);
      return;
    }
    // What shows itself does not cover what a person is reading.
    const isReading = options.preserveFocus && vscode.window.activeTextEditor !== undefined;
    const viewColumn = isReading ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const place = { viewColumn, ...options };
    const panel = vscode.window.createWebviewPanel(CURVES_VIEW_TYPE, "Curves", place, {
      enableScripts: true,
      retainContextWhenHidden: false,
      localResourceRoots: [this.#root("media"), this.#root("dist")],
    });
    this.#attach(panel, shown);
  }

  /** What the curves of a run come to, the deciding ones first, and where they were read. */
  async readSummaries(run: Run): Promise<ReadSummaries> {
    const wanted = { maxPoints: PICTURE_POINTS, smoothing: 0 };
    const [read] = await readCurves([run], this.#deps.source, this.#client, wanted);
    const series = read?.series ?? [];
    const summaries = sortSummaries(series.map(({ summary }) => summary));
    const deciding = series.find(({ tag }) => tag === summaries[0]?.tag);
    return { summaries, source: read?.source ?? "", ...(deciding === undefined ? {} : { deciding }) };
  }

  /** The curves of a run, thinned out as they are drawn; where one stops being a number is kept. */
  async readSeries(run: Run): Promise<readonly Series[]> {
    const [read] = await readCurves([run], this.#deps.source, this.#client, { maxPoints: SERIES_POINTS, smoothing: 0 });
    return (read?.series ?? []).flatMap(({ tag, points }) => (points === undefined ? [] : [{ tag, ...points }]));
  }

  /** The runs that a text compares, newest first where it names none. */
  async findRunsToCompare(text: string): Promise<Run[]> {
    await this.#deps.refresh();
    return runsToCompare(startedFirst(this.#deps.source.runs()), text);
  }

  /** The run of a row, or that a text names, else the newest that was started. */
  async findRun(target: unknown): Promise<Run | undefined> {
    await this.#deps.refresh();
    const runs = startedFirst(this.#deps.source.runs());
    const named = idOf(target) ?? "";
    return runs.find(({ record }) => named.includes(record.id)) ?? namedRun(runs, named, mayHaveValues) ?? runs[0];
  }

  /** How many runs there are, as far as they were looked for. */
  get runCount(): number {
    return this.#deps.source.runs().length;
  }

  /** After a reload of the window. What the page kept is checked like any other input. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await this.#deps.refresh();
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#root("media"), this.#root("dist")] };
    const [folder, runIds] = [folderOf(state), runIdsOf(state)];
    this.#attach(panel, folder === undefined ? this.#shownRuns(runIds) : new ShownFolder(folder, this.#client, runIds));
  }

  #shownRuns(runIds: readonly string[]): ShownRuns {
    return new ShownRuns(this.#deps.source, this.#client, runIds);
  }

  #attach(panel: vscode.WebviewPanel, shown: ShownCurves): void {
    panel.iconPath = new vscode.ThemeIcon("graph-line");
    const open = new OpenCurves(panel, this.#deps, shown, (path) =>
      this.showFolder(path === undefined ? undefined : vscode.Uri.file(path)),
    );
    this.#open = open;
    panel.onDidDispose(() => {
      open.dispose();
      if (this.#open === open) {
        this.#open = undefined;
      }
    });
    panel.webview.html = curvesPage(panel.webview, this.#root("media"), this.#root("dist"));
  }

  #root(name: string): vscode.Uri {
    return vscode.Uri.joinPath(vscode.Uri.file(this.#deps.extensionFolder), name);
  }
}

/** A row of the view carries its run, a button its id. */
function idOf(target: unknown): string | undefined {
  if (typeof target === "string") {
    return target;
  }
  const run: unknown = typeof target === "object" && target !== null && "run" in target ? target.run : undefined;
  const record: unknown = typeof run === "object" && run !== null && "record" in run ? run.record : undefined;
  return typeof record === "object" && record !== null && "id" in record && typeof record.id === "string"
    ? record.id
    : undefined;
}

function folderOf(state: unknown): CurvesState["folder"] {
  const folder: unknown = typeof state === "object" && state !== null && "folder" in state ? state.folder : undefined;
  return typeof folder === "string" ? folder : undefined;
}

function runIdsOf(state: unknown): CurvesState["runIds"] {
  const ids: unknown = typeof state === "object" && state !== null && "runIds" in state ? state.runIds : undefined;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}
