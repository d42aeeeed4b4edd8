import type { FoundFolder } from "../../core/dashboard/curvesMessage.ts";
import type { CurvePoints, CurveWindow } from "../../core/dashboard/growingCurve.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { MetricsClient } from "../../node/metrics/metricsClient.ts";
import { displayPath, workspaceRoots } from "../base/workspace.ts";
import { answerAction, chooseRuns } from "./curvesActions.ts";
import { askCurves, readCurves } from "./readCurves.ts";
import type { RunsViewSource } from "./runsView.ts";
import { type CurvesAction, type CurvesPicture, type CurvesWanted, MAX_RUNS, type ShownCurves } from "./shownCurves.ts";

/** What holds logs in the workspace, as a person reads it. */
export async function findFolders(client: Pick<MetricsClient, "findLogs">): Promise<FoundFolder[]> {
  const found = await client.findLogs(workspaceRoots());
  return found.map(({ path, places }) => ({ path, name: displayPath(path), places }));
}

/** Runs of the workspace. */
export class ShownRuns implements ShownCurves {
  readonly #source: RunsViewSource;
  readonly #client: MetricsClient;
  #runIds: readonly string[];

  constructor(source: RunsViewSource, client: MetricsClient, runIds: readonly string[]) {
    this.#source = source;
    this.#client = client;
    this.#runIds = runIds.slice(0, MAX_RUNS);
  }

  get title(): string {
    const runs = this.#runs();
    return runs.length > 1 ? `${runs.length} runs` : (runs[0]?.record.plan.title ?? "");
  }

  has(runId: string): boolean {
    return this.#runIds.includes(runId);
  }

  isDue(): boolean {
    return this.#runs().some(({ state }) => !hasEnded(state));
  }

  async read(wanted: CurvesWanted): Promise<CurvesPicture> {
    const runs = await readCurves(this.#runs(), this.#source, this.#client, wanted);
    const knownRuns = this.#source.runs().length;
    return { runs, knownRuns, ...(runs.length === 0 ? { found: await findFolders(this.#client) } : {}) };
  }

  async readDetail({ tag, window }: { tag: string; window: CurveWindow }, wanted: CurvesWanted) {
    const runs = this.#runs();
    const answered = await askCurves(runs, this.#client, { ...wanted, tags: [tag], window });
    return answered.flatMap(({ series }, index): { runId: string; points: CurvePoints }[] => {
      const points = series.find((each) => each.tag === tag)?.points;
      const runId = runs[index]?.record.id;
      return points === undefined || runId === undefined ? [] : [{ runId, points }];
    });
  }

  async choose(): Promise<void> {
    this.#show(await chooseRuns(this.#source.runs(), this.#runIds, MAX_RUNS));
  }

  showAll(): void {
    this.#show(this.#source.runs().map(({ record }) => record.id));
  }

  act(action: CurvesAction): Promise<void> {
    return answerAction(action, this.#runs(), this.#client);
  }

  #runs(): Run[] {
    return this.#source.runs().filter(({ record }) => this.#runIds.includes(record.id));
  }

  #show(runIds: readonly string[]): void {
    this.#runIds = runIds.length > 0 ? runIds.slice(0, MAX_RUNS) : this.#runIds;
  }
}
