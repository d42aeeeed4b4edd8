import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { escapeMarkdown } from "../base/markdown.ts";
import { describeRunInList } from "../training/describeRun.ts";
import type { Run } from "../training/runRecord.ts";
import { findRun } from "./runStatus.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

const stopRunSchema = z.strictObject({ runId: printableText(200) });

export type StopRunInput = z.infer<typeof stopRunSchema>;

export type StopPorts = {
  listRuns(): Promise<readonly Run[]>;
  requestStop(run: Run): Promise<void>;
};

/** Asks a training to stop in a way that lets it save a checkpoint. */
export function stopRunTool(ports: StopPorts) {
  return defineTool<StopRunInput>({
    name: "trainyard_stop_run",
    referenceName: "trainyardStopRun",
    displayName: "Stop Run",
    userDescription: "Stop a training run",
    modelDescription:
      "Stops a running training after the person confirmed it: interrupt first, so that the script can save a checkpoint, then terminate, then kill. " +
      "Returns at once; the run's final state shows in trainyard_run_status.",
    icon: "$(debug-stop)",
    input: stopRunSchema,
    progress: (input) => `Stopping run ${input.runId}`,
    async confirm({ runId }) {
      const run = findRun(await ports.listRuns(), runId);
      return {
        title: `Stop ${run.record.plan.title}?`,
        message: escapeMarkdown(`${runId}: ${describeRunInList(run)}`),
      };
    },
    async run({ runId }) {
      const run = findRun(await ports.listRuns(), runId);
      if (run.status.endedAt !== undefined || run.state === "lost") {
        throw new UserError(`Run ${runId} is not running any more: ${describeRunInList(run)}`);
      }
      await ports.requestStop(run);
      return { text: `Run ${runId} was asked to stop. It gets time to save a checkpoint.`, data: { runId } };
    },
  });
}
