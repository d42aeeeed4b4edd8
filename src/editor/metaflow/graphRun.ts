import * as vscode from "vscode";
import type { BoxStatus } from "../../core/base/drawing/picture.ts";
import { type FlowRun, STATE_SIGNS, STATE_WORDS, statusByStep } from "../../core/metaflow/runs/flowRun.ts";
import { readRunsBeside } from "./flowRunAccess.ts";

/** A step takes a second or more; a look at a run costs a few dozen small files. */
const LOOK_MS = 1_000;
/** A run of a thousand tasks is looked at less often: at most this part of the time goes into looking. */
const LOOK_SHARE = 0.1;
const PICKED_RUNS = 50;

export type GraphRunOptions = {
  /** The file of the flow. */
  file: vscode.Uri;
  flow: string;
  /** Whether anybody would see a change. */
  isVisible: () => boolean;
  onChange: () => void;
  onError: (error: unknown) => void;
};

/** Follows the run that a drawing shows: the newest of the flow, or the one a person chose. */
export class GraphRun implements vscode.Disposable {
  readonly #options: GraphRunOptions;
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;
  #chosen: string | undefined;
  #run: FlowRun | undefined;
  #shown = "";

  constructor(options: GraphRunOptions) {
    this.#options = options;
    this.#lookAgain(0);
  }

  get run(): FlowRun | undefined {
    return this.#run;
  }

  /** Lets the person choose a run; the newest one is followed by whatever comes after it. */
  async choose(): Promise<void> {
    const { file, flow } = this.#options;
    const { runs } = await readRunsBeside(file, { flow, count: PICKED_RUNS });
    const { describeFlowRun } = await import("../../core/training/renderFlowRuns.ts");
    const rows = [
      { label: "$(history) Always the newest run", description: "", id: undefined },
      ...runs.map((run) => ({
        label: run.id,
        description: describeFlowRun(run, Date.now()),
        id: run.id,
      })),
    ];
    const row = await vscode.window.showQuickPick(rows, { title: `Show which run of ${flow}?` });
    if (row) {
      this.#chosen = row.id;
      await this.#look();
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #lookAgain(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const began = performance.now();
      const look = this.#options.isVisible() ? this.#look() : Promise.resolve();
      look.catch(this.#options.onError).finally(() => {
        if (!this.#isDisposed) {
          this.#lookAgain(Math.max(LOOK_MS, (performance.now() - began) / LOOK_SHARE));
        }
      });
    }, delayMs);
  }

  async #look(): Promise<void> {
    const { file, flow, onChange } = this.#options;
    const id = this.#chosen;
    const { runs } = await readRunsBeside(file, { flow, ...(id === undefined ? { count: 1 } : { id }) });
    if (id !== this.#chosen) {
      // Another run was chosen while this one was read.
      return;
    }
    // A chosen run that was deleted stays as it was last seen; another one in its place would be taken for it.
    this.#run = runs[0] ?? (this.#run?.id === id ? this.#run : undefined);
    const shown = JSON.stringify([this.#run && [...statusOf(this.#run)], this.#run?.id, this.#run?.state]);
    if (shown !== this.#shown && !this.#isDisposed) {
      this.#shown = shown;
      onChange();
    }
  }
}

/** What a drawing says about each step of a run: `✓ 3 s`, `▶ 2 of 9, 40 s`. */
export function statusOf(run: FlowRun): Map<string, BoxStatus> {
  return new Map(
    [...statusByStep(run, Date.now())].map(([step, { state, tasks, finished, seconds }]) => {
      const count = tasks > 1 ? `${finished} of ${tasks}, ` : "";
      return [step, { state, text: `${STATE_SIGNS[state]} ${STATE_WORDS[state]} ${count}${Math.round(seconds)} s` }];
    }),
  );
}
