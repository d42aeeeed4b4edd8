import * as path from "node:path";
import * as vscode from "vscode";
import type { CurvesRun } from "../../core/dashboard/curvesMessage.ts";
import type { CurvePoints, CurveWindow } from "../../core/dashboard/growingCurve.ts";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import type { FolderReply, FolderRunReply } from "../../node/metrics/metricsProtocol.ts";
import { displayPath } from "../base/workspace.ts";
import { savePicture, saveValues } from "./curvesExport.ts";
import { type CurvesAction, type CurvesPicture, type CurvesWanted, MAX_RUNS, type ShownCurves } from "./shownCurves.ts";

/** TensorBoard's writers put what they have into the file every two minutes. */
const LIVE_MS = 5 * 60_000;
/** Where nothing is written, a look into all the folders every second would be for nothing. */
const LOOK_AGAIN_MS = 5_000;

/** The runs whose logs are in a folder, or in one file, whoever wrote them. */
export class ShownFolder implements ShownCurves {
  readonly folder: string;
  readonly #client: MetricsClient;
  #chosen: readonly string[];
  #known: FolderReply["known"] = [];
  #readMs = 0;
  #isLive = false;

  /** `chosen`: the runs by their ids, as the page keeps them over a reload; without any the newest. */
  constructor(folder: string, client: MetricsClient, chosen: readonly string[] = []) {
    this.folder = folder;
    this.#client = client;
    this.#chosen = chosen;
  }

  get title(): string {
    return path.basename(this.folder);
  }

  isDue(): boolean {
    return this.#isLive || Date.now() - this.#readMs >= LOOK_AGAIN_MS;
  }

  async read(wanted: CurvesWanted): Promise<CurvesPicture> {
    const reply = await this.#ask(wanted);
    const now = Date.now();
    this.#known = reply.known;
    this.#readMs = now;
    const runs = reply.runs.map((run) => this.#describe(run, now));
    this.#isLive = runs.some(({ state }) => state === "live");
    const name = displayPath(this.folder);
    const isChosen = this.#chosen.length > 0;
    const nothing = runs.length > 0 ? [] : [...reply.problems, reply.lookedFor];
    return { runs, knownRuns: reply.known.length, folder: { path: this.folder, name, isChosen, nothing } };
  }

  async readDetail({ tag, window }: { tag: string; window: CurveWindow }, wanted: CurvesWanted) {
    const { runs } = await this.#ask({ ...wanted, tags: [tag], window });
    return runs.flatMap(({ key, series }): { runId: string; points: CurvePoints }[] => {
      const points = series.find((each) => each.tag === tag)?.points;
      return points === undefined ? [] : [{ runId: this.#idOf(key), points }];
    });
  }

  async choose(): Promise<void> {
    const chosen = this.#chosenKeys();
    const rows = this.#known.map(({ key, name, modifiedMs }, index) => ({
      label: name,
      description: new Date(modifiedMs).toLocaleString(),
      key,
      picked: chosen.length === 0 ? index < MAX_RUNS : chosen.includes(key),
    }));
    const picked = await vscode.window.showQuickPick(rows, {
      title: `Show the curves of which runs in ${this.title}? (up to ${MAX_RUNS})`,
      canPickMany: true,
      matchOnDescription: true,
    });
    if (picked !== undefined && picked.length > 0) {
      this.#chosen = picked.slice(0, MAX_RUNS).map(({ key }) => this.#idOf(key));
    }
  }

  showAll(): void {
    this.#chosen = [];
  }

  async act(action: CurvesAction): Promise<void> {
    switch (action.kind) {
      case "open-tensorboard":
        await vscode.commands.executeCommand("trainyard.openTensorBoard", vscode.Uri.file(this.folder));
        return;
      case "export-picture":
        await savePicture(action);
        return;
      case "export-values":
        await saveValues(action.tags, async (tag) => {
          const { runs } = await this.#ask({ maxPoints: Infinity, smoothing: 0, tags: [tag], hidden: action.hidden });
          return runs.filter(({ key }) => !action.hidden.includes(this.#idOf(key)));
        });
        return;
      case "open-checkpoint":
      case "resume":
      case "show-output":
      case "open-alarm":
      // What only runs of the workspace have.
    }
  }

  #ask({ hidden = [], ...wanted }: CurvesWanted): Promise<FolderReply> {
    const { folder } = this;
    const hiddenKeys = hidden.map((id) => this.#keyOf(id));
    return this.#client.readFolder({
      folder,
      chosen: this.#chosenKeys(),
      maxRuns: MAX_RUNS,
      hidden: hiddenKeys,
      ...wanted,
    });
  }

  #describe(
    { key, name, series, source, firstMs, lastMs, modifiedMs, end, parameters }: FolderRunReply,
    now: number,
  ): CurvesRun {
    // A file that was copied is new, its values are not.
    const isLive = now - modifiedMs < LIVE_MS && !(now - lastMs >= LIVE_MS);
    // Of a table without times nobody knows when it began: it has no duration.
    const startedMs = Number.isNaN(firstMs) ? modifiedMs : firstMs;
    const isTimed = !Number.isNaN(firstMs) && !Number.isNaN(lastMs);
    return {
      id: this.#idOf(key),
      title: name,
      state: end ?? (isLive ? "live" : "idle"),
      description: `last written ${new Date(modifiedMs).toLocaleString()}`,
      startedMs,
      endedMs: isTimed ? lastMs : startedMs,
      source,
      parameters,
      isWhole: true,
      series,
      checkpoints: [],
      alarms: [],
      hasOutput: false,
    };
  }

  /** Relative to the folder, so that a folder which is moved keeps what was chosen. */
  #idOf(key: string): string {
    return path.relative(this.folder, key) || ".";
  }

  #keyOf(id: string): string {
    return path.join(this.folder, id);
  }

  #chosenKeys(): string[] {
    return this.#chosen.map((id) => this.#keyOf(id));
  }
}
