/**
 * The shipped training script is the sample's `train.py`: it runs as it is, so that a new script differs only in what
 * its own documentation calls it and finds beside it.
 */
export const TRAINING_SCRIPT_FILE = "train.py";

/** The sample's evaluation does not come along with a new script. */
const BESIDE_THE_SAMPLE = "; see evaluate.py.";

const OWN_NAME = /\btrain\.py\b/g;

/** The text of a new training script. */
export function renderTrainingScript(templateText: string, moduleName: string): string {
  if (!templateText.includes(TRAINING_SCRIPT_FILE)) {
    throw new Error(`The template does not mention ${TRAINING_SCRIPT_FILE}.`);
  }
  return templateText
    .replace(BESIDE_THE_SAMPLE, ": keep it for one last evaluation.")
    .replace(OWN_NAME, `${moduleName}.py`)
    .replace('getLogger("train")', `getLogger("${moduleName}")`);
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
