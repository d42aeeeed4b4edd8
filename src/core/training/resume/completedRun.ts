import { ArgumentEditor } from "../diagnosis/argumentEdits.ts";
import { changeArguments, splitCommand } from "../editedPlan.ts";
import type { LaunchPlan } from "../launchPlan.ts";
import type { ScriptArguments } from "../scriptArguments.ts";
import type { ResumeProposal } from "./proposeResume.ts";

/** A run that has done all that its arguments ask for, so that its command would end at once. */
export type CompletedRun = {
  unit: "epochs" | "steps";
  /** All of them, and done. */
  done: number;
  /** What says so many: `--epochs`. */
  flag: string;
};

export type CompletionFacts = {
  plan: LaunchPlan;
  script: ScriptArguments;
  /** Where it goes on from. */
  reached: { epoch?: number; step?: number };
  /** A newer checkpoint exists that cannot be used, so some of the training may have to be done again. */
  isBehind: boolean;
};

/** What a run that ended well has left to do, by the argument that says how long it trains; undefined where it has something. */
export function completionOf({ plan, script, reached, isBehind }: CompletionFacts): CompletedRun | undefined {
  const editor = editorOf(plan, script);
  for (const [unit, at] of [["epochs", reached.epoch] as const, ["steps", reached.step] as const]) {
    const done = Number(editor?.valueOf(unit));
    // Epochs are counted from zero by many scripts: the last of ten is then the ninth.
    const last = unit === "epochs" && !isBehind ? done - 1 : done;
    if (done > 0 && at !== undefined) {
      // Steps beside epochs are those of one epoch in many scripts.
      return at >= last ? { unit, done, flag: editor?.flagOf(unit) ?? "" } : undefined;
    }
  }
  return undefined;
}

/** The same proposal for a training that is to be longer; unchanged where it is none of a command. */
export function trainOn(
  proposal: ResumeProposal,
  { unit }: Pick<CompletedRun, "unit">,
  { to, script }: { to: number; script: ScriptArguments },
): ResumeProposal {
  const split = proposal.kind === "command" ? splitCommand(proposal.plan) : undefined;
  if (proposal.kind !== "command" || split === undefined) {
    return proposal;
  }
  const { plan } = proposal;
  const editor = new ArgumentEditor(split.words, script);
  editor.set(unit, String(to));
  const { words, changes } = editor.edited;
  return {
    ...proposal,
    plan: { ...plan, command: [...split.before, ...words], arguments: changeArguments(plan, changes) },
    changes: [...proposal.changes, ...changes],
  };
}

/** For the person: why the command as it was is none, and which number is theirs to choose. */
export function describeCompleted(title: string, { unit, done, flag }: CompletedRun, shown: number): string {
  return (
    `${title} has finished: all ${done} ${unit} are done, so the same command would end at once. ` +
    `To train on, raise ${flag} above ${done}; ${shown} is an example.`
  );
}

function editorOf(plan: LaunchPlan, script: ScriptArguments): ArgumentEditor | undefined {
  const split = splitCommand(plan);
  return split && new ArgumentEditor(split.words, script);
}
