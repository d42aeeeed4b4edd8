import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { CurvesMessage, CurvesRequest, CurvesState } from "../../core/dashboard/curvesMessage.ts";
import { sortSummaries } from "../../core/dashboard/describeMetrics.ts";
import type { SeriesSummary } from "../../core/dashboard/summarizeSeries.ts";
import type { Series } from "../../core/metrics/series.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { type MetricsClient, openMetrics } from "../../node/metrics/metricsClient.ts";
import { saveExport } from "./curvesExport.ts";
import { curvesPage } from "./curvesPage.ts";
import { CURVES_VIEW_TYPE } from "./curvesRestoring.ts";
import { readCurves } from "./readCurves.ts";
import type { RunsViewSource } from "./runsView.ts";

/** A running training is looked at this often while its curves are in sight. */
const REFRESH_MS = 1_000;
/** More curves in one chart cannot be told apart. */
const MAX_RUNS = 12;

export type CurvesDeps = {
  source: RunsViewSource;
  refresh(): Promise<void>;
  extensionFolder: string;
  onError: (error: unknown) => void;
};

/** The panel of curves: one for each window, whatever was asked for last. */
export class CurvesPanels {
  readonly #deps: CurvesDeps;
  readonly #client: MetricsClient = openMetrics();
  #open: CurvesPanel | undefined;

  constructor(deps: CurvesDeps) {
    this.#deps = deps;
  }

  /** Shows a run of the view or the id it was called with, else the newest; the panel itself offers the others. */
  async show(target: unknown): Promise<void> {
    await this.#deps.refresh();
    const runs = this.#deps.source.runs();
    const run = runs.find(({ record }) => record.id === idOf(target)) ?? runs[0];
    if (run === undefined) {
      throw new UserError("There are no runs in this workspace yet. Start one with Trainyard: Train….");
    }
    if (this.#open !== undefined) {
      this.#open.reveal([run.record.id]);
      return;
    }
    const panel = vscode.window.createWebviewPanel(CURVES_VIEW_TYPE, "Curves", vscode.ViewColumn.Active, {
      enableScripts: true,
      retainContextWhenHidden: false,
      localResourceRoots: [this.#root("media"), this.#root("dist")],
    });
    this.#attach(panel, [run.record.id]);
  }

  /** What the curves of a run come to, the deciding ones first, and where they were read. */
  async readSummaries(run: Run): Promise<{ summaries: SeriesSummary[]; source: string }> {
    const [read] = await readCurves([run], this.#deps.source, this.#client);
    return { summaries: sortSummaries(read?.series.map(({ summary }) => summary) ?? []), source: read?.source ?? "" };
  }

  /** The curves of a run, thinned out as they are drawn; where one stops being a number is kept. */
  async readSeries(run: Run): Promise<readonly Series[]> {
    const [read] = await readCurves([run], this.#deps.source, this.#client);
    return read?.series ?? [];
  }

  /** The run whose id a text names, else the newest. */
  async findRun(text: string): Promise<Run | undefined> {
    await this.#deps.refresh();
    const runs = this.#deps.source.runs();
    return runs.find(({ record }) => text.includes(record.id)) ?? runs[0];
  }

  /** After a reload of the window. What the page kept is checked like any other input. */
  async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    await this.#deps.refresh();
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#root("media"), this.#root("dist")] };
    this.#attach(panel, runIdsOf(state));
  }

  #attach(panel: vscode.WebviewPanel, runIds: readonly string[]): void {
    const open = new CurvesPanel(panel, this.#deps, this.#client, runIds);
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

/** One open panel: reads its runs again while they go on, and sends a picture when the last one was drawn. */
class CurvesPanel {
  readonly #panel: vscode.WebviewPanel;
  readonly #deps: CurvesDeps;
  readonly #client: MetricsClient;
  readonly #subscriptions: vscode.Disposable[];
  readonly #timer: NodeJS.Timeout;
  #runIds: readonly string[];
  #isReady = false;
  #isDrawing = false;
  #isStale = false;

  constructor(panel: vscode.WebviewPanel, deps: CurvesDeps, client: MetricsClient, runIds: readonly string[]) {
    this.#panel = panel;
    this.#deps = deps;
    this.#client = client;
    this.#runIds = runIds;
    this.#subscriptions = [
      panel.webview.onDidReceiveMessage((message: CurvesRequest) => void this.#answer(message).catch(deps.onError)),
      panel.onDidChangeViewState(() => this.#draw()),
      deps.source.onDidChange(() => this.#draw()),
    ];
    this.#timer = setInterval(() => {
      if (this.#runs().some(({ state }) => !hasEnded(state))) {
        this.#draw();
      }
    }, REFRESH_MS);
  }

  reveal(runIds: readonly string[]): void {
    this.#runIds = runIds;
    this.#panel.reveal();
    this.#draw();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscriptions.forEach((subscription) => subscription.dispose());
  }

  #runs(): Run[] {
    return this.#deps.source.runs().filter(({ record }) => this.#runIds.includes(record.id));
  }

  async #answer(message: CurvesRequest): Promise<void> {
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
        this.#isDrawing = false;
        this.#draw();
        return;
      case "drawn":
        this.#isDrawing = false;
        if (this.#isStale) {
          this.#draw();
        }
        return;
      case "choose-runs":
        await this.#chooseRuns();
        return;
      case "open-checkpoint":
        await vscode.commands.executeCommand("trainyard.inspectCheckpoints", vscode.Uri.file(message.path));
        return;
      case "export":
        await saveExport(message);
    }
  }

  /** Sends nothing while the page still draws; what changes meanwhile is sent after it. */
  #draw(): void {
    if (!this.#isReady || !this.#panel.visible) {
      return;
    }
    if (this.#isDrawing) {
      this.#isStale = true;
      return;
    }
    this.#isDrawing = true;
    this.#isStale = false;
    this.#send().catch((error: unknown) => {
      this.#isDrawing = false;
      this.#deps.onError(error);
    });
  }

  async #send(): Promise<void> {
    const runs = this.#runs();
    this.#panel.title =
      runs.length === 1 ? `Curves of ${runs[0]?.record.plan.title ?? ""}` : `Curves of ${runs.length} runs`;
    const message: CurvesMessage = { kind: "draw", runs: await readCurves(runs, this.#deps.source, this.#client) };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code has no origin to name.
    await this.#panel.webview.postMessage(message);
  }

  async #chooseRuns(): Promise<void> {
    const { describeRunInList } = await import("../../core/training/describeRun.ts");
    const rows = this.#deps.source.runs().map((run) => ({
      label: run.record.plan.title,
      description: describeRunInList(run),
      detail: run.record.id,
      picked: this.#runIds.includes(run.record.id),
    }));
    const picked = await vscode.window.showQuickPick(rows, {
      title: `Show the curves of which runs? (up to ${MAX_RUNS})`,
      canPickMany: true,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (picked !== undefined && picked.length > 0) {
      this.#runIds = picked.slice(0, MAX_RUNS).map(({ detail }) => detail);
      this.#draw();
    }
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

function runIdsOf(state: unknown): CurvesState["runIds"] {
  const ids: unknown = typeof state === "object" && state !== null && "runIds" in state ? state.runIds : undefined;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string").slice(0, MAX_RUNS) : [];
}
