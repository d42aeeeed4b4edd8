import { stat } from "node:fs/promises";
import { basename, relative, resolve } from "node:path";
import { UserError } from "../../../core/base/errors.ts";
import { keepNonFinite } from "../../../core/base/nonFinite.ts";
import { maskSecretWords } from "../../../core/base/secretWords.ts";
import { isBelow } from "../../../core/checkpoints/checkpointParts.ts";
import { renderShownCommand } from "../../../core/training/commandLine.ts";
import { readFlowProgress, renderFlowResume } from "../../../core/training/flowResume.ts";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";
import { renderPlanCommand } from "../../../core/training/renderPlan.ts";
import { newestResumable } from "../../../core/training/resume/resumableRun.ts";
import { type ResumeOffer, renderResumeText } from "../../../core/training/resume/resumeOffer.ts";
import { type Run, settingsOf } from "../../../core/training/runRecord.ts";
import { hasEnded } from "../../../core/training/runState.ts";
import { waitOf } from "../../../core/training/runWait.ts";
import { missingSecrets } from "../../../core/training/unrecordedSecrets.ts";
import { type CliCall, type CliVerb, JSON_OPTION, UsageError } from "../../base/cliVerb.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { readLogEnding } from "../logEnding.ts";
import { offerResume, type ResumeRequest, type ResumeSources } from "../offerResume.ts";
import { collectReceipt } from "../receipt.ts";
import { runFiles } from "../runFolder.ts";
import { createRun, findRun, listRuns } from "../runLedger.ts";
import { startOwner } from "../startOwner.ts";
import { startInTerminal } from "../terminal.ts";
import { planTypedCommand } from "./commandScript.ts";

/** What a path means: one checkpoint, or a folder to choose from. */
export type ResumePlaces = {
  placeOf: (path: string) => Promise<{ folder: string; checkpoint?: string }>;
};

/** `trainyard resume`; checkpoints and curves are read by other slices. */
export function resumeVerb(sources: ResumeSources & ResumePlaces): CliVerb {
  return {
    takesCommand: true,
    ...VERB_TEXTS.resume,
    options: {
      yes: { type: "boolean", short: "y", help: "start the command instead of only printing it" },
      detach: { type: "boolean", short: "d", help: "with --yes: print the id of the run and return at once" },
      json: JSON_OPTION,
    },
    workspace: "starts",
    async run(call) {
      if (call.options["yes"] === true && call.options["json"] === true) {
        throw new UsageError("--json only tells how to resume, and --yes starts it: give one of them.");
      }
      if (call.options["detach"] === true && call.options["yes"] !== true) {
        throw new UsageError("--detach is for a run that is started: give --yes too.");
      }
      const { request, offer } =
        call.words.length === 0 && call.rest.length === 0
          ? await newestOffer(call.root, sources)
          : await namedOffer(call, sources);
      const isJson = call.options["json"] === true;
      // Standard output is for the id alone then, as of `run --detach`.
      const isDetached = call.options["detach"] === true;
      const print = (text: string) => (isDetached ? void process.stderr.write(`${text}\n`) : call.host.print(text));
      print(isJson ? toJson(offer) : renderResumeText(offer));
      const { proposal } = offer;
      if (call.words.length === 0 && request.run !== undefined && !isJson) {
        print(`\nThat is run ${request.run.record.id}. Another one: trainyard resume <id>`);
      }
      if (proposal.kind === "no-argument") {
        return 1;
      }
      if (call.options["yes"] !== true) {
        return 0;
      }
      if (offer.completed !== undefined) {
        const { flag, unit } = offer.completed;
        throw new UserError(
          `Nothing was started: how many ${unit} are wanted in all is yours to say. Start the command above with your ${flag}: trainyard run -- <command>`,
        );
      }
      requireSecrets(proposal.plan, call);
      const receipt = await collectReceipt(proposal.plan.cwd, call.host.version, proposal.plan);
      const wait = waitOf(proposal.plan, undefined);
      const settings = request.run === undefined ? {} : settingsOf(request.run.record);
      const folder = await createRun(call.root, proposal.plan, receipt, {
        ...settings,
        ...(wait === undefined ? {} : { wait }),
      });
      if (isDetached) {
        await startOwner(folder, call.host.supervisorPath);
        call.host.print(basename(folder));
        return 0;
      }
      call.host.print(`Run ${basename(folder)}. It goes on when this terminal closes; Ctrl-C stops it.`);
      return startInTerminal(folder, call.host.supervisorPath);
    },
  };
}

/** A training that lacks its key would fail hours later, or train on without its tracker. */
function requireSecrets(plan: LaunchPlan, { words, rest }: CliCall): void {
  const missing = missingSecrets(plan, process.env);
  if (missing.length > 0) {
    const again = ["trainyard", "resume", ...words, "--yes", ...(rest.length === 0 ? [] : ["--", ...rest])];
    throw new UserError(
      `Nothing was started: the value of ${missing.join(", ")} was not recorded. Give it again: ${missing.map((name) => `${name}=…`).join(" ")} ${renderShownCommand(again)}`,
    );
  }
}

type Offered = { request: ResumeRequest; offer: ResumeOffer };

async function namedOffer(call: CliCall, sources: ResumeSources & ResumePlaces): Promise<Offered> {
  const request = await requestOf(call, sources);
  return { request, offer: await offerResume(request, sources) };
}

/** Nobody named a run: of the trainings that have ended, the newest one that left something to go on from. */
async function newestOffer(root: string, sources: ResumeSources): Promise<Offered> {
  const { runs } = await listRuns(root);
  const candidates = newestResumable(runs);
  const refusals: UserError[] = [];
  for (const run of candidates) {
    const request = { plan: run.record.plan, run, known: runs };
    try {
      return { request, offer: await offerResume(request, sources) };
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      refusals.push(error);
    }
  }
  const [refusal] = refusals;
  if (refusal !== undefined) {
    throw refusal;
  }
  const { record, ...latest } = await findRun(root, "latest");
  throw new UserError(
    (await whyNot({ record, ...latest })) ??
      `It is not known where run ${record.id} (${record.plan.title}) saves its checkpoints. Name the folder: trainyard resume <folder>`,
  );
}

/** Why a run cannot be resumed, whatever it saved; undefined for a training that has ended. */
async function whyNot({ record: { id, plan }, state, folder }: Run): Promise<string | undefined> {
  if (!hasEnded(state)) {
    return `Run ${id} goes on. Stop it before you resume it: trainyard stop ${id}`;
  }
  if (plan.kind !== "flow") {
    return undefined;
  }
  const { lines } = await readLogEnding(runFiles(folder).log).catch(() => ({ lines: [] }));
  const progress = readFlowProgress(lines.map(({ text }) => text));
  const command = progress && renderFlowResume(plan, progress.runId);
  return command === undefined
    ? `Run ${id} is a flow, and Metaflow resumes it: python ${relative(plan.cwd, plan.script)} resume --origin-run-id <its run id>`
    : `Run ${id} is a flow, and Metaflow resumes it: trainyard run -- ${command}`;
}

async function requestOf({ root, folder, words, rest }: CliCall, places: ResumePlaces): Promise<ResumeRequest> {
  const [first = "latest", second, ...others] = words;
  if (others.length > 0) {
    throw new UsageError(`A run and a checkpoint or folder are named; ${words.length} words were given.`);
  }
  const paths = [first, second].map((word) => (word === undefined ? undefined : resolve(folder, word)));
  const isFirstPath = first !== "latest" && (await stat(paths[0] ?? "").catch(() => undefined)) !== undefined;
  const path = isFirstPath ? paths[0] : paths[1];
  const place = path === undefined ? {} : await places.placeOf(path);
  if (rest.length > 0) {
    return { plan: await planTypedCommand(rest, process.cwd()), ...place };
  }
  const { runs } = await listRuns(root);
  const run = isFirstPath && path !== undefined ? writerOf(runs, folder, path) : await findRun(root, first);
  const refusal = await whyNot(run);
  if (refusal !== undefined) {
    throw new UserError(refusal);
  }
  return { plan: run.record.plan, run, known: runs, ...place };
}

/** The newest run that saves where the path lies. */
function writerOf(runs: readonly Run[], folder: string, path: string): Run {
  const writer = runs.find(({ record: { plan } }) => {
    const saved = plan.checkpointFolder?.path;
    return plan.kind === "training" && saved !== undefined && isBelow(saved, path);
  });
  if (writer === undefined) {
    throw new UsageError(
      `No run is known that saves to ${path}. Name the command behind two dashes: trainyard resume ${relative(folder, path) || "."} -- python train.py`,
    );
  }
  return writer;
}

function toJson({ title, checkpoint, passedOver, proposal, completed }: ResumeOffer): string {
  const value = {
    title,
    checkpoint: { path: checkpoint.path, ...checkpoint.summary },
    passedOver: passedOver.map(({ entry, reason }) => ({ path: entry.path, reason })),
    completed,
    ...(proposal.kind === "command"
      ? {
          command: maskSecretWords(proposal.plan.command),
          shown: renderPlanCommand(proposal.plan),
          changes: proposal.changes,
        }
      : { advice: proposal.advice }),
  };
  return JSON.stringify(value, keepNonFinite, 2);
}
