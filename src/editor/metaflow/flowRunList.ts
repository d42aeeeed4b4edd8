import type { FlowRun } from "../../core/metaflow/runs/flowRun.ts";
import type { LocalRuns } from "./flowRunAccess.ts";

const LISTED_RUNS = 30;

/** The newest runs of the workspace. A run that has ended is read once; only what is new or runs is read again. */
export class FlowRunList {
  #known: LocalRuns | undefined;

  get root(): string {
    return this.#known?.root ?? "";
  }

  get runs(): readonly FlowRun[] {
    return this.#known?.runs ?? [];
  }

  /** Finds the datastore anew and reads everything. */
  async read(): Promise<void> {
    const { findLocalRuns } = await import("./flowRunAccess.ts");
    this.#known = await findLocalRuns(undefined, { count: LISTED_RUNS });
  }

  /** Looks at what may have changed, and says whether anything has. */
  async look(): Promise<boolean> {
    if (!this.#known) {
      return false;
    }
    const { root, runs } = this.#known;
    const { listRunNames, readRuns } = await import("../../node/metaflow/runs/localDatastore.ts");
    const names = await listRunNames(root, { count: LISTED_RUNS });
    const known = new Map(runs.map((run) => [`${run.flow}/${run.id}`, run]));
    const open = names.filter(({ flow, id }) => (known.get(`${flow}/${id}`)?.state ?? "running") === "running");
    const read = new Map((await readRuns(root, open)).map((run) => [`${run.flow}/${run.id}`, run]));
    const now = names.flatMap(({ flow, id }) => read.get(`${flow}/${id}`) ?? known.get(`${flow}/${id}`) ?? []);
    this.#known = { root, runs: now };
    // A run that was not read again is the same object; the text of thirty wide runs has megabytes.
    const isOther = (run: FlowRun, index: number) =>
      run !== runs[index] && JSON.stringify(run) !== JSON.stringify(runs[index]);
    return now.length !== runs.length || now.some(isOther);
  }
}
