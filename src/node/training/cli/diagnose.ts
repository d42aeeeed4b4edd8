import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../../../core/base/errors.ts";
import { describeRunInList } from "../../../core/training/describeRun.ts";
import type { DiagnosedRun } from "../../../core/training/diagnosis/renderDiagnosis.ts";
import { renderDiagnosisText } from "../../../core/training/diagnosis/renderDiagnosis.ts";
import { hasEnded } from "../../../core/training/runState.ts";
import { describeAlarms } from "../../../core/training/watchdog/alarm.ts";
import { type CliCall, type CliVerb, JSON_OPTION, onlyWord } from "../../base/cliVerb.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { diagnoseLog, diagnoseRun, type FindResumePoint } from "../diagnoseRun.ts";
import { readRun } from "../runLedger.ts";
import { adoptOrphan } from "../startOwner.ts";
import { findRunToRead } from "./runToRead.ts";

/** `trainyard diagnose`; checkpoints are found by another slice. */
export function diagnoseVerb(findResumePoint: FindResumePoint): CliVerb {
  return {
    ...VERB_TEXTS.diagnose,
    options: {
      json: JSON_OPTION,
    },
    workspace: "used",
    async run(call) {
      const word = onlyWord(call, "The id of a run, latest, or a log file");
      const { diagnosed, otherwise } = await diagnose(call, word, findResumePoint);
      if (call.options["json"] === true) {
        call.host.print(JSON.stringify(diagnosed ?? { diagnosis: null }, undefined, 2));
      } else {
        call.host.print(diagnosed === undefined ? otherwise : renderDiagnosisText(diagnosed));
      }
      return 0;
    },
  };
}

/** What quotes the messages of errors without having had one. */
const SOURCE = /\.(?:py|pyi|ipynb|sh|md|toml|ya?ml|cfg|ini)$/i;

async function diagnose(
  { root, folder, host }: CliCall,
  word: string,
  findResumePoint: FindResumePoint,
): Promise<{ diagnosed: DiagnosedRun | undefined; otherwise: string }> {
  const file = resolve(folder, word);
  if ((await stat(file).catch(() => undefined))?.isFile() === true) {
    if (SOURCE.test(word)) {
      throw new UserError(
        `${word} is a source file and no log. Name the log that the training printed to, the id of its run, or latest.`,
      );
    }
    return { diagnosed: await diagnoseLog(file), otherwise: `Nothing in ${word} says that it ended badly.` };
  }
  // No id of a run has a folder or an extension.
  if (/[\\/]|\.\w+$/.test(word)) {
    throw new UserError(`There is no log file ${file}. Name the id of a run, latest, or a log file.`);
  }
  const run = await adoptOrphan(await readRun(await findRunToRead(root, word)), host.supervisorPath);
  const state = `Run ${run.record.id}: ${describeRunInList(run)}.`;
  return {
    diagnosed: await diagnoseRun(run, findResumePoint),
    otherwise: hasEnded(run.state)
      ? `${state} ${run.status.problem ?? "There is nothing to explain."}`
      : [`${state} It goes on.`, ...describeAlarms(run.status)].join("\n"),
  };
}
