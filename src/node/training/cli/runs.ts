import { keepNonFinite } from "../../../core/base/nonFinite.ts";
import { maskSecretWords } from "../../../core/base/secretWords.ts";
import { describeRunEnd, describeRunInList } from "../../../core/training/describeRun.ts";
import type { Run } from "../../../core/training/runRecord.ts";
import { hasEnded } from "../../../core/training/runState.ts";
import { pointLabel } from "../../../core/training/sweep/sweepGrid.ts";
import { activeAlarms, describeAlarm } from "../../../core/training/watchdog/alarm.ts";
import { type CliVerb, JSON_OPTION, UsageError } from "../../base/cliVerb.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { describeNoRuns, listRuns } from "../runLedger.ts";
import { adoptOrphan } from "../startOwner.ts";

export const runsVerb: CliVerb = {
  ...VERB_TEXTS.runs,
  options: {
    json: JSON_OPTION,
  },
  workspace: "used",
  async run({ root, words, options, host }) {
    if (words.length > 0) {
      throw new UsageError("runs takes no further words.");
    }
    const { runs: found, unreadable } = await listRuns(root);
    const runs = await Promise.all(found.map((run) => adoptOrphan(run, host.supervisorPath)));
    if (options["json"] === true) {
      host.print(JSON.stringify({ runs: runs.map(summarize), unreadable }, keepNonFinite, 2));
      return 0;
    }
    if (runs.length + unreadable.length === 0) {
      host.print(describeNoRuns(root));
    }
    for (const run of runs) {
      const values = run.record.sweep === undefined ? "" : `${pointLabel(run.record.sweep.values)} · `;
      host.print(`${run.record.id}  ${values}${describeRunInList(run)}`);
      if (run.state === "orphaned") {
        host.print(`  ! ${describeRunEnd(run)}`);
      }
      if (run.status.problem !== undefined) {
        host.print(`  ! ${run.status.problem}`);
      }
      for (const alarm of hasEnded(run.state) ? [] : activeAlarms(run.status.alarms)) {
        host.print(`  ! ${describeAlarm(alarm, run.status.log)}`);
      }
    }
    for (const { id, reason } of unreadable) {
      host.print(`${id}  unreadable: ${reason}`);
    }
    return 0;
  },
};

function summarize({ record, status, state, folder }: Run) {
  const { id, createdAt, plan, sweep } = record;
  const {
    startedAt,
    endedAt,
    exitCode,
    signal,
    progress,
    problem,
    diagnosis,
    training,
    alarms,
    resources,
    waitingFor,
    log,
  } = status;
  return {
    id,
    state,
    title: plan.title,
    command: maskSecretWords(plan.command),
    cwd: plan.cwd,
    folder,
    createdAt,
    startedAt,
    endedAt,
    pid: training?.pid,
    exitCode,
    signal,
    progress,
    problem,
    diagnosis,
    alarms,
    resources,
    log,
    waitingFor,
    sweep,
  };
}
