/**
 * The shipped training script is the sample's `train.py`: it runs as it is, so that a new script differs only in the
 * name under which its own documentation calls it.
 */
export const TRAINING_SCRIPT_FILE = "train.py";

const OWN_NAME = /\btrain\.py\b/g;

/** The text of a new training script. */
export function renderTrainingScript(templateText: string, moduleName: string): string {
  if (!templateText.includes(TRAINING_SCRIPT_FILE)) {
    throw new Error(`The template does not mention ${TRAINING_SCRIPT_FILE}.`);
  }
  return templateText.replace(OWN_NAME, `${moduleName}.py`).replace('getLogger("train")', `getLogger("${moduleName}")`);
}

export type ScriptRequest = { name: string; folder?: string | undefined };

export type PlannedScript = {
  moduleName: string;
  /** Absolute. */
  path: string;
  /** From the workspace folder, with forward slashes. */
  relativePath: string;
  text: string;
};

export type WrittenScript =
  | { kind: "written"; script: PlannedScript }
  /** `script.path` exists and was left as it is; `alternative` is the same script under the next free name. */
  | { kind: "exists"; script: PlannedScript; alternative: PlannedScript };

/** Contract: `plan` has no side effects; `write` never overwrites. Both refuse with a UserError. */
export type ScriptScaffolder = {
  plan(request: ScriptRequest): Promise<PlannedScript>;
  write(script: PlannedScript): Promise<WrittenScript>;
};

/** Markdown for what became of a new training script and how to go on. */
export function describeScript(written: WrittenScript): string {
  const { relativePath } = written.script;
  if (written.kind === "exists") {
    return `\`${relativePath}\` exists already and was left as it is. Compare it with the new text, or write the script as \`${written.alternative.relativePath}\`.`;
  }
  return [
    `Wrote \`${relativePath}\`.`,
    "",
    "It runs as it is, on the digits that scikit-learn brings along; put your own data into `load_splits` and your own model into `DigitsNet`. " +
      "It seeds every library, validates after each epoch, writes versioned checkpoints that `--resume` continues exactly, leaves one when it is stopped, " +
      "and logs to TensorBoard, CSV and the console.",
    "",
    "```sh",
    `python ${/^[\w./-]+$/.test(relativePath) ? relativePath : JSON.stringify(relativePath)} --epochs 2`,
    "```",
    "",
    "It needs `numpy`, `scikit-learn`, `tensorboard` and `torch`.",
  ].join("\n");
}
