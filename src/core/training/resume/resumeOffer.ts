import { escapeMarkdown, escapeSentence, fencedBlock } from "../../base/markdown.ts";
import { type CheckpointEntry, describeFurther, entryName } from "../../checkpoints/checkpointListing.ts";
import { describeCheckpointFacts } from "../../checkpoints/describeCheckpoint.ts";
import type { PassedOver } from "../../checkpoints/resumeChoice.ts";
import { renderPlanCommand } from "../renderPlan.ts";
import { type CompletedRun, describeCompleted } from "./completedRun.ts";
import type { ResumeProposal } from "./proposeResume.ts";

/** How a training can go on, as it is shown before it does. */
export type ResumeOffer = {
  title: string;
  checkpoint: CheckpointEntry;
  /** Newer checkpoints that were not taken, newest first. */
  passedOver: readonly PassedOver[];
  /** One of a higher step that is older by its time. */
  further?: CheckpointEntry;
  /** What may have been saved together with it, as a sentence. */
  companions?: string;
  proposal: ResumeProposal;
  /** The script could not be found or read, so that nothing is known of its arguments. */
  isScriptUnread?: true;
  /** The run did all that it was asked for; the proposal then trains to as many as are `shown`. */
  completed?: CompletedRun & { shown: number };
  /** Sentences about a device that is another one or shared, and about secrets that have to be given again. */
  notes: readonly string[];
};

const MAX_PASSED_OVER = 8;

/** For the chat. */
export function renderResumeMarkdown(offer: ResumeOffer): string {
  const { checkpoint, proposal } = offer;
  const passed = passedOverLines(offer).map((line) => `- ${escapeMarkdown(line, 600)}`);
  return [
    `**${escapeMarkdown(`Resume ${offer.title} from ${entryName(checkpoint)}`)}** · ${escapeMarkdown(describeCheckpointFacts(checkpoint.summary))}`,
    ...(passed.length > 0 ? [`Passed over, newest first:\n\n${passed.join("\n")}`] : []),
    ...completedLines(offer).map((line) => escapeMarkdown(line, 600)),
    proposal.kind === "command"
      ? fencedBlock(renderPlanCommand(proposal.plan), "sh")
      : describeNoArgument({ ...offer, title: escapeMarkdown(offer.title) }, proposal.advice),
    ...linesBeside(offer).map((line) => `> ⚠️ ${escapeMarkdown(line, 600)}`),
    ...warningsOf(offer).map((warning) => `> ⚠️ ${warning}`),
    ...(proposal.kind === "command" ? offer.notes.map((note) => `> ${escapeSentence(note)}`) : []),
  ].join("\n\n");
}

/** For dialogs and terminals, which show no Markdown. The command stands first. */
export function renderResumeText(offer: ResumeOffer): string {
  const { checkpoint, proposal } = offer;
  const passed = passedOverLines(offer).map((line) => `  ${line}`);
  return [
    proposal.kind === "command"
      ? renderPlanCommand(proposal.plan)
      : describeNoArgument(offer, proposal.advice).replaceAll("`", ""),
    "",
    ...completedLines(offer).flatMap((line) => [line, ""]),
    `${entryName(checkpoint)}: ${describeCheckpointFacts(checkpoint.summary)}`,
    ...(passed.length > 0 ? ["", "Passed over, newest first:", ...passed] : []),
    ...[...linesBeside(offer), ...warningsOf(offer)].map((warning) => `\n${warning}`),
    ...(proposal.kind === "command" ? offer.notes.map((note) => `\n${note.replaceAll("`", "")}`) : []),
  ].join("\n");
}

/** `Resume from Epoch 6`, the button; one that asks for how long where there is nothing left to do. */
export function resumeLabel({ checkpoint: { summary }, completed }: ResumeOffer): string {
  if (completed !== undefined) {
    return "Train On…";
  }
  const { epoch, step } = summary;
  return epoch !== undefined
    ? `Resume from Epoch ${epoch}`
    : step !== undefined
      ? `Resume from Step ${step}`
      : "Resume";
}

function passedOverLines({ passedOver }: ResumeOffer): string[] {
  const lines = passedOver.slice(0, MAX_PASSED_OVER).map(({ entry, reason }) => `${entryName(entry)}: ${reason}`);
  const more = passedOver.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

function completedLines({ title, completed, proposal }: ResumeOffer): string[] {
  return completed === undefined || proposal.kind !== "command"
    ? []
    : [describeCompleted(title, completed, completed.shown)];
}

function linesBeside({ checkpoint, further, companions }: ResumeOffer): string[] {
  return [further === undefined ? [] : describeFurther(checkpoint, further), companions ?? []].flat();
}

function warningsOf({ proposal, passedOver, checkpoint }: ResumeOffer): string[] {
  if (proposal.kind !== "command" || proposal.choosesItself === undefined) {
    return [];
  }
  if (proposal.choosesItself === "backup") {
    return [
      "The script keeps a backup of its own (BackupAndRestore) and goes on from that when the same command is started again. After a training that ended well there is none, and it begins anew.",
    ];
  }
  const { flag, takes } = proposal.choosesItself;
  const trap = passedOver[0];
  return [
    trap === undefined
      ? `${flag} takes ${takes}: the script looks for the checkpoint itself.`
      : `${flag} takes ${takes}: the script looks for the checkpoint itself and may take ${entryName(trap.entry)} instead of ${entryName(checkpoint)}. Move it out of the folder first.`,
  ];
}

/** Why there is no command to resume with, and what to do, as Markdown. */
export function describeNoArgument(
  { title, isScriptUnread }: Pick<ResumeOffer, "title" | "isScriptUnread">,
  advice: string,
): string {
  return isScriptUnread === true
    ? `${title} cannot be read, so it is not known which argument loads a checkpoint. If there is one, add it to the command yourself. Otherwise: ${advice}`
    : `${title} takes no argument that loads a checkpoint. ${advice}`;
}
