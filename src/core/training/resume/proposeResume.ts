import { isBelow } from "../../checkpoints/checkpointParts.ts";
import { ArgumentEditor, type CommandChange } from "../diagnosis/argumentEdits.ts";
import { changeArguments, splitCommand } from "../editedPlan.ts";
import type { LaunchPlan } from "../launchPlan.ts";
import type { ScriptArguments } from "../scriptArguments.ts";
import { adviseOnLoading, type CheckpointLoader, type TrainingFramework } from "./framework.ts";

/** The command that goes on from a checkpoint, or how the script has to change before there can be one. */
export type ResumeProposal =
  | {
      kind: "command";
      plan: LaunchPlan;
      changes: readonly CommandChange[];
      /** The script is only told to resume, and looks for a checkpoint itself; absent where it is told which. */
      choosesItself?: OwnChoice;
    }
  | { kind: "no-argument"; advice: string };

/** What tells a script to resume, without saying from what; `backup`: it always does, from one of its own. */
export type OwnChoice = { flag: string; takes: "no path" | "the folder of the checkpoints" } | "backup";

export type ResumeFacts = {
  plan: LaunchPlan;
  /** What the script declares; what it takes besides is not known. */
  script: ScriptArguments;
  framework: TrainingFramework | undefined;
  /** As the command should name it. */
  checkpoint: string;
  /** What loads it, where the script does not tell its framework. */
  loader?: CheckpointLoader | undefined;
  /** The script goes on by itself when it is started again, as one with Keras' `BackupAndRestore` does. */
  restoresItself?: boolean | undefined;
  /** A word that tells the script to resume, which its arguments do not show. */
  resumeWord?: string | undefined;
  /** As the checkpoint tells it. */
  epoch?: number | undefined;
};

/** Arguments that load a checkpoint to go on, the surest first; all are names that scripts are seen to use. */
const ROLES = ["resume", "load"] as const;

/** What a framework's own command line takes, even where a script's declarations could not be read. */
const FRAMEWORK_FLAGS: Readonly<Partial<Record<TrainingFramework, string>>> = {
  transformers: "--resume_from_checkpoint",
  lightning: "--ckpt_path",
};

/** Sets the argument that the script takes for it; everything else of the command stays. */
export function proposeResume(facts: ResumeFacts): ResumeProposal {
  const { plan, script, framework, checkpoint, epoch } = facts;
  const split = splitCommand(plan);
  if (split === undefined) {
    return { kind: "no-argument", advice: adviseOnLoading(framework ?? facts.loader ?? "torch", checkpoint, epoch) };
  }
  const editor = new ArgumentEditor(split.words, script);
  const role = ROLES.find((each) => editor.knows(each));
  const flag = framework === undefined ? undefined : FRAMEWORK_FLAGS[framework];
  if (facts.resumeWord !== undefined && (role === undefined || editor.formOf(role) === undefined)) {
    editor.tell(facts.resumeWord);
    return command(plan, split.before, editor, chosenBy(facts.resumeWord, "no path"));
  }
  if (role !== undefined) {
    const form = editor.formOf(role);
    const takesPath = form !== "switch" && form !== "boolean";
    const folder =
      takesPath && /^load(?:_dir)?$/.test(editor.nameOf(role) ?? "") ? markedFolderOf(checkpoint) : undefined;
    if (folder !== undefined) {
      editor.set(role, folder);
      return command(plan, split.before, editor, chosenBy(editor.flagOf(role), "the folder of the checkpoints"));
    }
    editor.set(role, takesPath ? checkpoint : "True");
    // `--resume --checkpoint <path>`: the switch says that, the other one from which.
    const choosesItself = !takesPath && !editor.set("load", checkpoint);
    if (choosesItself) {
      lookIn(editor, checkpoint);
    }
    // A model of Keras does not know its epoch, and is saved under the number of those that are done.
    if (framework === "keras" && epoch !== undefined && !choosesItself) {
      editor.set("firstEpoch", String(epoch));
    }
    return command(plan, split.before, editor, choosesItself ? chosenBy(editor.flagOf(role), "no path") : undefined);
  }
  if (facts.restoresItself === true) {
    return { kind: "command", plan, changes: [], choosesItself: "backup" };
  }
  if (flag !== undefined && takesFrameworkFlags(script)) {
    editor.append(flag, checkpoint);
    return command(plan, split.before, editor);
  }
  return { kind: "no-argument", advice: adviseOnLoading(framework ?? facts.loader ?? "torch", checkpoint, epoch) };
}

/** A script that looks for the checkpoint itself does so in the folder that it was given, which may be another one. */
function lookIn(editor: ArgumentEditor, checkpoint: string): void {
  const folder = /^(.*)[\\/]/.exec(checkpoint)?.[1];
  const given = editor
    .valueOf("folder")
    ?.replace(/^\.[\\/]/, "")
    .replace(/[\\/]+$/, "");
  if (folder !== undefined && !(given !== undefined && isBelow(given, checkpoint))) {
    editor.set("folder", folder);
  }
}

/**
 * The folder that Megatron's `--load` and DeepSpeed's `--load_dir` take: a file in it names the checkpoint to load. Undefined
 * for a checkpoint that is called otherwise than theirs.
 */
function markedFolderOf(checkpoint: string): string | undefined {
  const found = /^(?:(.*)[\\/])?(?:iter_\d{7,}|global_step\d+)$/.exec(checkpoint);
  return found === null ? undefined : (found[1] ?? ".");
}

/** A parser that is made of the framework's own classes, whose arguments need not be declared in the script. */
function takesFrameworkFlags({ dialect, isComplete }: ScriptArguments): boolean {
  return dialect === "lightning" || (dialect === "dataclass" && !isComplete);
}

function command(
  plan: LaunchPlan,
  before: readonly string[],
  editor: ArgumentEditor,
  choosesItself?: OwnChoice,
): ResumeProposal {
  const { words, changes } = editor.edited;
  return {
    kind: "command",
    plan: { ...plan, command: [...before, ...words], arguments: changeArguments(plan, changes) },
    changes,
    ...(choosesItself && { choosesItself }),
  };
}

function chosenBy(flag: string | undefined, takes: "no path" | "the folder of the checkpoints"): OwnChoice {
  return { flag: flag ?? "The argument", takes };
}
