import type * as vscode from "vscode";
import { CurveChanges } from "../../core/dashboard/curveChanges.ts";
import type { CurvesMessage, CurvesRequest } from "../../core/dashboard/curvesMessage.ts";
import { packPoints } from "../../core/dashboard/packedPoints.ts";
import { reportError, showError } from "../base/reportError.ts";
import type { RunsViewSource } from "./runsView.ts";
import { type CurvesWanted, MAX_POINTS, MAX_RUNS, type ShownCurves } from "./shownCurves.ts";

/** What is written to meanwhile is looked at this often while its curves are in sight. */
const REFRESH_MS = 1_000;

export type CurvesDeps = {
  source: RunsViewSource;
  refresh(): Promise<void>;
  extensionFolder: string;
  onError: (error: unknown) => void;
};

/** Shows a folder of logs in this panel, or asks for one. */
export type ShowFolder = (path: string | undefined) => Promise<void>;

type Request<Kind extends CurvesRequest["kind"]> = Extract<CurvesRequest, { kind: Kind }>;

/** One open panel: reads its runs again while they go on, and sends a picture when the last one was drawn. */
export class OpenCurves {
  readonly #panel: vscode.WebviewPanel;
  readonly #deps: CurvesDeps;
  readonly #showFolder: ShowFolder;
  readonly #subscriptions: vscode.Disposable[];
  readonly #timer: NodeJS.Timeout;
  readonly #changes = new CurveChanges();
  #shown: ShownCurves;
  /** What the page has drawn. */
  #drawn: ShownCurves | undefined;
  /** Until the page says what is in sight, nothing is drawn; what it all comes to is sent anyway. */
  #wanted: CurvesWanted = { maxPoints: 0, smoothing: 0, tags: [] };
  #isReady = false;
  #isDrawing = false;
  #isStale = false;
  /** What failed once fails again each second; the person says when it is worth another try. */
  #hasFailed = false;

  constructor(panel: vscode.WebviewPanel, deps: CurvesDeps, shown: ShownCurves, showFolder: ShowFolder) {
    this.#panel = panel;
    this.#deps = deps;
    this.#shown = shown;
    this.#showFolder = showFolder;
    this.#subscriptions = [
      panel.webview.onDidReceiveMessage((message: CurvesRequest) => this.#receive(message)),
      panel.onDidChangeViewState(() => this.#draw()),
      deps.source.onDidChange(() => this.#draw()),
    ];
    this.#timer = setInterval(() => {
      if (this.#shown.isDue()) {
        this.#draw();
      }
    }, REFRESH_MS);
  }

  get shown(): ShownCurves {
    return this.#shown;
  }

  /** Shows these curves, which may be those that it shows already. */
  reveal(shown: ShownCurves): void {
    this.#shown = shown;
    this.#hasFailed = false;
    this.#panel.reveal();
    this.#draw();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscriptions.forEach((subscription) => subscription.dispose());
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
        this.#drawn = undefined;
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
        await this.#shown.choose();
        this.#draw();
        return;
      case "show-all-runs":
        this.#shown.showAll();
        this.#draw();
        return;
      case "show-folder":
        await this.#showFolder(message.path);
        return;
      case "open-checkpoint":
      case "resume":
      case "show-output":
      case "open-alarm":
      case "open-tensorboard":
      case "export-picture":
      case "export-values":
        await this.#shown.act(message);
    }
  }

  #look({ tags, hidden, smoothing, maxPoints, withMeans }: Request<"look">): void {
    this.#wanted = { maxPoints: Math.min(maxPoints, MAX_POINTS), tags, hidden, smoothing, withMeans };
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
    const shown = this.#shown;
    this.#panel.title = shown.title === "" ? "Curves" : `Curves of ${shown.title}`;
    if (shown !== this.#drawn) {
      await this.#send({ kind: "reading", text: `Reading the logs of ${shown.title || "this workspace"}…` });
    }
    const wanted = this.#wanted;
    const { runs, ...told } = await shown.read(wanted);
    if (shown !== this.#shown) {
      // Something else was asked for meanwhile.
      this.#isDrawing = false;
      this.#draw();
      return;
    }
    const changed = this.#changes.since(runs, wanted).map((run) => ({ ...run, series: packPoints(run.series) }));
    await this.#send({ kind: "draw", runs: changed, ...told, maxRuns: MAX_RUNS });
    this.#drawn = shown;
  }

  async #sendDetail({ tag, window }: Request<"detail">): Promise<void> {
    const curves = await this.#shown.readDetail({ tag, window }, this.#wanted);
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
