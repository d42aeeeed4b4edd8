import { dirname } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { type CheckpointEntry, furtherThan, newestFirst } from "../../core/checkpoints/checkpointListing.ts";
import { requireAll } from "../../core/checkpoints/leftOutFolders.ts";
import type { ListFolder } from "../../core/checkpoints/listUntil.ts";
import { describeCompanions } from "../../core/checkpoints/newestCheckpoint.ts";
import { chooseResumePoint, type LossBreak, reasonAgainst } from "../../core/checkpoints/resumeChoice.ts";
import type { Series } from "../../core/metrics/series.ts";
import { savesInto } from "../../core/training/checkpointWriters.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { type CompletedRun, completionOf, trainOn } from "../../core/training/resume/completedRun.ts";
import { frameworkOf, loaderOf } from "../../core/training/resume/framework.ts";
import { lossBreakOfRun } from "../../core/training/resume/lossBreak.ts";
import { proposeResume, type ResumeProposal } from "../../core/training/resume/proposeResume.ts";
import type { ResumeOffer } from "../../core/training/resume/resumeOffer.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import { isWrittenBy, writeWindow } from "../../core/training/runWindow.ts";
import { NO_ARGUMENTS, type ScriptArguments } from "../../core/training/scriptArguments.ts";
import { noteMissingSecrets } from "../../core/training/unrecordedSecrets.ts";
import { shortPath } from "../base/shortPath.ts";
import { withDeviceOfToday } from "./deviceOfToday.ts";
import { type ReadScript, readScript } from "./planLaunch.ts";

/**
 * What other slices know. Contract: `readCurves` resolves with none where there are none.
 */
export type ResumeSources = {
  listFolder: ListFolder;
  readCurves: (run: Run) => Promise<readonly Series[]>;
  /** The names beside a checkpoint, and what is there besides those that were listed and came further by its name. */
  lookBeside: (
    chosen: CheckpointEntry,
    listed: readonly CheckpointEntry[],
  ) => Promise<{ names: readonly string[]; further: readonly CheckpointEntry[] }>;
};

export type ResumeRequest = {
  /** What ran, or would run: its command is the one that is changed. */
  plan: LaunchPlan;
  /** Absent where no run is known that wrote the checkpoints. */
  run?: Run | undefined;
  /** The runs of the workspace: what one of another script saved to the same folder is never taken. */
  known?: readonly Run[] | undefined;
  /** Where they lie; the plan's own folder by default. */
  folder?: string | undefined;
  /** As many epochs or steps in all, for a run that did all of those it was asked for. */
  length?: number | undefined;
  /** The one that a person pointed at, absolute. */
  checkpoint?: string | undefined;
};

/** Says from which checkpoint a training can go on, and with which command. Reads only; refuses where there is none. */
export async function offerResume(request: ResumeRequest, sources: ResumeSources): Promise<ResumeOffer> {
  const { plan, run } = request;
  const folder = request.folder ?? plan.checkpointFolder?.path;
  if (folder === undefined) {
    throw await unknownFolder(plan, sources.listFolder);
  }
  const lossBreak = run && lossBreakOfRun(await sources.readCurves(run), run.status.alarms);
  const isOwn = ownTo(run);
  const window = run === undefined ? {} : writeWindow(run);
  const listing =
    request.checkpoint === undefined
      ? await sources.listFolder(folder, { kind: "resume-point", ...window, lossBreak })
      : await sources.listFolder(folder);
  if (listing.kind !== "listed") {
    throw new UserError(listing.message);
  }
  if (request.checkpoint === undefined) {
    requireAll(listing);
  }
  const chosen =
    request.checkpoint === undefined
      ? chooseNewest(listing.entries, { isOwn, isStrange: strangeTo(request, folder), lossBreak, folder })
      : { checkpoint: named(listing.entries, request.checkpoint, lossBreak), passedOver: [] };
  const script = await readIfPossible(plan);
  const modules = script === undefined ? [] : [script.facts, ...script.localModules];
  const imports = modules.flatMap((module) => module.imports);
  const renewed = await withDeviceOfToday(plan);
  const declared = script?.arguments ?? NO_ARGUMENTS;
  const proposal = proposeResume({
    plan: renewed.plan,
    script: declared,
    framework: frameworkOf(imports),
    restoresItself: modules.some(({ restoresItself }) => restoresItself === true),
    resumeWord: modules.find(({ resumeWord }) => resumeWord !== undefined)?.resumeWord,
    checkpoint: shortPath(plan.cwd, chosen.checkpoint.path),
    loader: loaderOf(chosen.checkpoint.summary, imports),
    epoch: chosen.checkpoint.summary.epoch,
  });
  const completed =
    run?.state === "finished"
      ? completionOf({
          plan,
          script: declared,
          reached: chosen.checkpoint.summary,
          isBehind: chosen.passedOver.length > 0,
        })
      : undefined;
  const beside = await sources.lookBeside(chosen.checkpoint, listing.entries);
  const sound = [...listing.entries, ...beside.further].filter(
    (entry) => isOwn(entry) && reasonAgainst(entry, lossBreak) === undefined,
  );
  return {
    title: plan.title,
    ...chosen,
    ...toldBeside(chosen.checkpoint, beside.names, request.checkpoint === undefined ? sound : []),
    ...(script === undefined && { isScriptUnread: true }),
    ...(completed === undefined ? { proposal } : longer(proposal, completed, { script: declared, to: request.length })),
    notes: [...noteLiveWriters(request, folder), ...renewed.notes, ...noteMissingSecrets(renewed.plan, process.env)],
  };
}

/** `sound`: among which one that came further is looked for. */
function toldBeside(
  chosen: CheckpointEntry,
  names: readonly string[],
  sound: readonly CheckpointEntry[],
): Pick<ResumeOffer, "further" | "companions"> {
  const further = furtherThan(chosen, sound);
  const companions = describeCompanions(chosen.summary.name, names);
  return { ...(further !== undefined && { further }), ...(companions !== undefined && { companions }) };
}

/** What lies below the folder of the training may be of another one, or was downloaded: it is named and not taken. */
async function unknownFolder({ title, cwd }: LaunchPlan, listFolder: ListFolder): Promise<UserError> {
  const listing = await listFolder(cwd, { kind: "resume-point" });
  const { chosen } = chooseResumePoint(listing.kind === "listed" ? listing.entries : []);
  const folder = chosen && (shortPath(cwd, dirname(chosen.path)) || ".");
  return new UserError(
    `It is not known where ${title} saves its checkpoints. ${
      folder === undefined
        ? "Open a checkpoint and resume from its page, or name its folder."
        : `The newest lies in ${folder === "." ? `${cwd} itself` : folder}: name ${folder} if it is of this training.`
    }`,
  );
}

/** What goes on and saves to the same folder may have written the checkpoint, and writes on beside what is resumed. */
function noteLiveWriters({ run, known = [] }: ResumeRequest, folder: string): string[] {
  const live = known.filter(
    ({ state, status, record }) => !hasEnded(state) && status.startedAt !== undefined && record.id !== run?.record.id,
  );
  return live
    .filter((each) => savesInto(each, folder))
    .map(
      ({ record: { id, plan } }) =>
        `${plan.title} (run ${id}) goes on and saves to this folder too: the checkpoint may be of that run, and both would write there. Stop it first, or resume with another folder.`,
    );
}

/** What trains on behind the end of a run: to the length that the person wants, or twice as long to show how. */
function longer(
  proposal: ResumeProposal,
  completed: CompletedRun,
  { script, to = 2 * completed.done }: { script: ScriptArguments; to?: number | undefined },
): Pick<ResumeOffer, "proposal" | "completed"> {
  return { proposal: trainOn(proposal, completed, { to, script }), completed: { ...completed, shown: to } };
}

/** What a run can have written itself. */
function ownTo(run: Run | undefined): (entry: CheckpointEntry) => boolean {
  return ({ modifiedMs }) => run === undefined || isWrittenBy(run, modifiedMs);
}

/** What a run of another script wrote: this script could not load it. */
function strangeTo({ plan, known = [] }: ResumeRequest, folder: string): Predicate {
  const others = known.filter((run) => run.record.plan.script !== plan.script && savesInto(run, folder));
  return ({ modifiedMs }) => others.some((run) => isWrittenBy(run, modifiedMs));
}

type Predicate = (entry: CheckpointEntry) => boolean;
type Circumstances = { isOwn: Predicate; isStrange: Predicate; lossBreak: LossBreak | undefined; folder: string };

/** Of a run its own checkpoints; those of earlier runs only where it left none to go on from. */
function chooseNewest(
  entries: readonly CheckpointEntry[],
  { isOwn, isStrange, lossBreak, folder }: Circumstances,
): Pick<ResumeOffer, "checkpoint" | "passedOver"> {
  const own = chooseResumePoint(entries.filter(isOwn), lossBreak);
  const { chosen, passedOver } =
    own.chosen === undefined
      ? chooseResumePoint(
          entries.filter((entry) => isOwn(entry) || !isStrange(entry)),
          lossBreak,
        )
      : own;
  if (chosen !== undefined) {
    return { checkpoint: chosen, passedOver };
  }
  const [first] = passedOver;
  if (first === undefined) {
    throw new UserError(
      entries.length === 0
        ? `There are no checkpoints in ${folder}, so there is nothing to resume from.`
        : `The checkpoints in ${folder} were saved by runs of another script. Resume one of those, or name a folder.`,
    );
  }
  const { name } = first.entry.summary;
  throw new UserError(
    passedOver.length === 1
      ? `The only checkpoint in ${folder} cannot be resumed from. ${name}: ${first.reason}.`
      : `None of the ${passedOver.length} checkpoints in ${folder} can be resumed from. The newest, ${name}: ${first.reason}.`,
  );
}

/** The one a person pointed at; where it cannot be used they are told, and which one can. */
function named(entries: readonly CheckpointEntry[], path: string, lossBreak: LossBreak | undefined): CheckpointEntry {
  const entry = entries.find((each) => each.path === path);
  if (entry === undefined) {
    throw new UserError(`${path} is not among the checkpoints of its folder any more. Choose another one.`);
  }
  const reason = reasonAgainst(entry, lossBreak);
  if (reason !== undefined) {
    const { chosen } = chooseResumePoint(newestFirst(entries), lossBreak);
    const other =
      chosen === undefined
        ? "No other one in its folder can be used either."
        : `Resume from ${chosen.summary.name} instead.`;
    throw new UserError(`${entry.summary.name} cannot be resumed from: ${reason}. ${other}`);
  }
  return entry;
}

/** A script that cannot be read any more may still have been given the argument that resumes it. */
async function readIfPossible(plan: LaunchPlan): Promise<ReadScript | undefined> {
  try {
    return await readScript(plan.script, { workspaceFolder: plan.cwd, environment: process.env });
  } catch (error) {
    if (error instanceof UserError) {
      return undefined;
    }
    throw error;
  }
}
