import type * as vscode from "vscode";
import { CurveChanges } from "../../core/dashboard/curveChanges.ts";
import type { CurvesMessage, CurvesRequest } from "../../core/dashboard/curvesMessage.ts";
import { packPoints } from "../../core/dashboard/packedPoints.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import { reportError, showError } from "../base/reportError.ts";
import { answerAction, chooseRuns } from "./curvesActions.ts";
import { askCurves, type CurvesWanted, MAX_POINTS, readCurves } from "./readCurves.ts";
import type { RunsViewSource } from "./runsView.ts";

/** A running training is looked at this often while its curves are in sight. */
const REFRESH_MS = 1_000;
/** A table of more runs is not looked through, and the thread keeps the values of so many. */
const MAX_RUNS = 60;

export type CurvesDeps = {
  source: RunsViewSource;
  refresh(): Promise<void>;
  extensionFolder: string;
  onError: (error: unknown) => void;
};

type Request<Kind extends CurvesRequest["kind"]> = Extract<CurvesRequest, { kind: Kind }>;

/** One open panel: reads its runs again while they go on, and sends a picture when the last one was drawn. */
export class OpenCurves {
  readonly #panel: vscode.WebviewPanel;
  readonly #deps: CurvesDeps;
  readonly #client: MetricsClient;
  readonly #subscriptions: vscode.Disposable[];
  readonly #timer: NodeJS.Timeout;
  readonly #changes = new CurveChanges();
  #runIds: readonly string[];
  /** Until the page says what is in sight, nothing is drawn; what it all comes to is sent anyway. */
  #wanted: CurvesWanted = { maxPoints: 0, smoothing: 0, tags: [] };
  #isReady = false;
  #isDrawing = false;
  #isStale = false;
  /** What failed once fails again each second; the person says when it is worth another try. */
  #hasFailed = false;

  constructor(panel: vscode.WebviewPanel, deps: CurvesDeps, client: MetricsClient, runIds: readonly string[]) {
    this.#panel = panel;
    this.#deps = deps;
    this.#client = client;
    this.#runIds = runIds.slice(0, MAX_RUNS);
    this.#subscriptions = [
      panel.webview.onDidReceiveMessage((message: CurvesRequest) => this.#receive(message)),
      panel.onDidChangeViewState(() => this.#draw()),
      deps.source.onDidChange(() => this.#draw()),
    ];
    this.#timer = setInterval(() => {
      if (this.#runs().some(({ state }) => !hasEnded(state))) {
        this.#draw();
      }
    }, REFRESH_MS);
  }

  /** A run that is shown already stays among the others. */
  reveal(runId: string | undefined): void {
    this.#runIds = runId === undefined || this.#runIds.includes(runId) ? this.#runIds : [runId];
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

  /** The boundary of the page's messages. */
  #receive(message: CurvesRequest): void {
    this.#answer(message).catch((error: unknown) => void showError(error, "The panel of curves"));
  }

  async #answer(message: CurvesRequest): Promise<void> {
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
        this.#isDrawing = false;
        // A page that was loaded again shows nothing, not even what failed.
        this.#hasFailed = false;
        this.#changes.forget();
        this.#draw();
        return;
      case "drawn":
        this.#isDrawing = false;
        if (this.#isStale) {
          this.#draw();
        }
        return;
      case "look":
        this.#look(message);
        return;
      case "retry":
        this.#hasFailed = false;
        this.#draw();
        return;
      case "detail":
        await this.#sendDetail(message);
        return;
      case "choose-runs":
        this.#show(await chooseRuns(this.#deps.source.runs(), this.#runIds, MAX_RUNS));
        return;
      case "show-all-runs":
        this.#show(this.#deps.source.runs().map(({ record }) => record.id));
        return;
      case "open-checkpoint":
      case "resume":
      case "show-output":
      case "open-alarm":
      case "open-tensorboard":
      case "export-picture":
      case "export-values":
        await answerAction(message, this.#runs(), this.#client);
    }
  }

  #show(runIds: readonly string[]): void {
    if (runIds.length > 0) {
      this.#runIds = runIds.slice(0, MAX_RUNS);
      this.#draw();
    }
  }

  #look({ tags, hidden, smoothing, maxPoints }: Request<"look">): void {
    this.#wanted = { maxPoints: Math.min(maxPoints, MAX_POINTS), tags, hidden, smoothing };
    this.#draw();
  }

  /** Sends nothing while the page still draws; what changes meanwhile is sent after it. */
  #draw(): void {
    if (!this.#isReady || !this.#panel.visible || this.#hasFailed) {
      return;
    }
    if (this.#isDrawing) {
      this.#isStale = true;
      return;
    }
    this.#isDrawing = true;
    this.#isStale = false;
    this.#sendRuns().catch((error: unknown) => this.#fail(error));
  }

  async #sendRuns(): Promise<void> {
    const runs = this.#runs();
    this.#panel.title =
      runs.length === 1 ? `Curves of ${runs[0]?.record.plan.title ?? ""}` : `Curves of ${runs.length} runs`;
    const wanted = this.#wanted;
    const read = await readCurves(runs, this.#deps.source, this.#client, wanted);
    const changed = this.#changes.since(read, wanted).map((run) => ({ ...run, series: packPoints(run.series) }));
    const knownRuns = this.#deps.source.runs().length;
    await this.#send({ kind: "draw", runs: changed, knownRuns, maxRuns: MAX_RUNS });
  }

  async #sendDetail({ tag, window }: Request<"detail">): Promise<void> {
    const runs = this.#runs();
    const answered = await askCurves(runs, this.#client, { ...this.#wanted, tags: [tag], window });
    const curves = answered.flatMap(({ series }, index) => {
      const points = series.find((each) => each.tag === tag)?.points;
      const runId = runs[index]?.record.id;
      return points === undefined || runId === undefined ? [] : [{ runId, points }];
    });
    await this.#send({ kind: "detail", tag, window, curves: packPoints(curves) });
  }

  /** The person sees why there are no new values, where they look for them. */
  #fail(error: unknown): void {
    this.#isDrawing = false;
    const report = reportError(error, "Reading curves");
    if (report.kind !== "cancelled") {
      this.#hasFailed = true;
      this.#send({ kind: "failed", text: report.message }).then(undefined, this.#deps.onError);
    }
  }

  #send(message: CurvesMessage): Thenable<boolean> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code has no origin to name.
    return this.#panel.webview.postMessage(message);
  }
}
