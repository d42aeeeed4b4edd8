import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { renderShownCommand } from "../training/commandLine.ts";
import { describeRunInList } from "../training/describeRun.ts";
import { describeMissingLines } from "../training/logParts.ts";
import type { Run } from "../training/runRecord.ts";
import { describeAlarm } from "../training/watchdog/alarm.ts";
import { describeFlowRunStatus, type FlowRunStore, isFlowRunId, listFlowRuns } from "./flowRunStatus.ts";
import { defineTool, type ToolResult } from "./tool.ts";
import { printableText } from "./toolText.ts";

/** The lines of output that go to the model: enough for a traceback. */
const LOG_TAIL_LINES = 20;
const MAX_LISTED_RUNS = 10;

const runStatusSchema = z.strictObject({
  runId: printableText(200)
    .optional()
    .describe("A run of Trainyard, or the number of a run of Metaflow. Omit to list the newest of both."),
  task: printableText(300)
    .optional()
    .describe(
      "Of a run of Metaflow: `step` or `step/task`, whose artifacts and output are wanted. Omit for the whole run.",
    ),
});

export type RunStatusInput = z.infer<typeof runStatusSchema>;

export type RunPorts = {
  listRuns(): Promise<readonly Run[]>;
  /** The last lines a run printed, oldest first, without their time stamps. */
  readLogTail(run: Run, lines: number): Promise<readonly string[]>;
  /** The runs of Metaflow in the local datastores of the workspace. */
  openFlowRuns(): Promise<FlowRunStore>;
};

export function findRun(runs: readonly Run[], runId: string): Run {
  const run = runs.find(({ record }) => record.id === runId);
  if (!run) {
    const known = runs.slice(0, MAX_LISTED_RUNS).map(({ record }) => record.id);
    throw new UserError(
      known.length > 0
        ? `There is no run ${runId}. Known runs, newest first: ${known.join(", ")}.`
        : `There is no run ${runId}: this workspace has no runs yet.`,
    );
  }
  return run;
}

/** Reads how a run stands, or lists the newest runs. */
export function runStatusTool(ports: RunPorts) {
  return defineTool<RunStatusInput>({
    name: "trainyard_run_status",
    referenceName: "trainyardRunStatus",
    displayName: "Run Status",
    userDescription: "How a training run stands",
    modelDescription:
      "Says how a run stands: state, progress, metrics, exit code and the last lines of output; without an id, lists the newest runs. " +
      "Of a run of Metaflow also its steps, parameters and artifacts (name, type, size, small values), read from the local datastore without loading anything. " +
      "Reads only. Use it when asked about a run or before diagnosing one; do not call it in a loop.",
    icon: "$(pulse)",
    input: runStatusSchema,
    progress: (input) => (input.runId ? `Reading run ${input.runId}` : "Listing runs"),
    async run({ runId, task }) {
      if (task !== undefined && !isFlowRunId(runId ?? "")) {
        throw new UserError("Only runs of Metaflow have tasks. Give the number of one as `runId`.");
      }
      if (runId !== undefined && isFlowRunId(runId)) {
        return await describeFlowRunStatus(await ports.openFlowRuns(), { runId, task });
      }
      const runs = await ports.listRuns();
      if (runId === undefined) {
        return listBoth(runs, await ports.openFlowRuns());
      }
      const run = findRun(runs, runId);
      const tail = await ports.readLogTail(run, LOG_TAIL_LINES);
      const alarms = (run.status.alarms ?? [])
        .map((alarm) => `Alarm: ${describeAlarm(alarm, run.status.log)}\n`)
        .join("");
      const missing = describeMissingLines(run.status.log?.missing);
      const loss = missing === undefined ? "" : `${missing}\n`;
      return {
        text: `${describeRunInList(run)}\n${alarms}Command: ${renderShownCommand(run.record.plan.command)}\n${loss}Last output:\n${tail.join("\n")}`,
        data: { state: run.state, status: run.status },
      };
    },
  });
}

function listBoth(runs: readonly Run[], flowRuns: FlowRunStore): ToolResult {
  const listed = runs.slice(0, MAX_LISTED_RUNS);
  const own = listed.map((run) => `${run.record.id}: ${describeRunInList(run)}`).join("\n");
  const text = [own, listFlowRuns(flowRuns)].filter((part) => part !== "").join("\n\n");
  return { text: text || "This workspace has no runs yet.", data: listed.map(({ record }) => record.id) };
}
