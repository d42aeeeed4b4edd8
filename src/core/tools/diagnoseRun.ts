import * as z from "zod";
import { describeRunInList } from "../training/describeRun.ts";
import { type DiagnosedRun, renderDiagnosisText } from "../training/diagnosis/renderDiagnosis.ts";
import type { Run } from "../training/runRecord.ts";
import { endedBadly } from "../training/runState.ts";
import { describeAlarms } from "../training/watchdog/alarm.ts";
import { findRun } from "./runStatus.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

const diagnoseRunSchema = z.strictObject({
  runId: printableText(200).optional().describe("Omit to take the newest run that ended badly."),
});

export type DiagnoseRunInput = z.infer<typeof diagnoseRunSchema>;

export type DiagnosePorts = {
  listRuns(): Promise<readonly Run[]>;
  /** Undefined for a run that goes on or ended well. */
  diagnoseRun(run: Run): Promise<DiagnosedRun | undefined>;
};

const NOTHING = "It goes on or ended well; there is nothing to diagnose.";

/** Says why a run ended badly, as facts for the model to reason from. */
export function diagnoseRunTool(ports: DiagnosePorts) {
  return defineTool<DiagnoseRunInput>({
    name: "trainyard_diagnose_run",
    referenceName: "trainyardDiagnoseRun",
    displayName: "Diagnose Run",
    userDescription: "Why a run failed, with the lines that prove it",
    modelDescription:
      "Says why a run ended badly: the cause, classified from its last output and its exit status (out of memory, not-a-number loss, full disk, missing package, " +
      "dead data-loader worker, communication between processes, the exception of the process that failed first, …), the lines of the log that prove it, one next step, " +
      "and, where it is known, the command that would repair it. Reads only. The person starts the repair with a button; quote the evidence and do not guess beyond it.",
    icon: "$(search-stop)",
    input: diagnoseRunSchema,
    progress: ({ runId }) => (runId === undefined ? "Diagnosing the newest failed run" : `Diagnosing run ${runId}`),
    async run({ runId }) {
      const runs = await ports.listRuns();
      const run = runId === undefined ? runs.find(endedBadly) : findRun(runs, runId);
      if (run === undefined) {
        return { text: "No run of this workspace ended badly." };
      }
      const diagnosed = await ports.diagnoseRun(run);
      const alarms = describeAlarms(run.status);
      const head = `Run ${run.record.id}: ${describeRunInList(run)}`;
      return diagnosed === undefined
        ? {
            text: [head, ...(alarms.length > 0 ? alarms : [run.status.problem ?? NOTHING])].join("\n"),
            data: { runId: run.record.id },
          }
        : { text: `${head}\n${renderDiagnosisText(diagnosed)}`, data: { runId: run.record.id, ...diagnosed } };
    },
  });
}
