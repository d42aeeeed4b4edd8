import type { PythonImport } from "../../base/pythonImports.ts";
import type { CheckpointFormat, CheckpointSummary } from "../../checkpoints/checkpointSummary.ts";

/** What saves and loads the checkpoints of a script, where it is not the script itself. */
export type TrainingFramework = "transformers" | "lightning" | "accelerate" | "keras" | "ultralytics";

/** The most specific first: a Trainer's script may import accelerate, and everything imports torch. */
const FRAMEWORKS: readonly (readonly [TrainingFramework, RegExp])[] = [
  ["lightning", /^(?:pytorch_lightning|lightning)(?:\.|$)/],
  ["ultralytics", /^ultralytics(?:\.|$)/],
  ["transformers", /^(?:transformers|trl)(?:\.|$)/],
  ["accelerate", /^accelerate(?:\.|$)/],
  ["keras", /^(?:keras|tensorflow\.keras|tensorflow)(?:\.|$)/],
];

/** `transformers` only where the script uses its Trainer; many import a tokenizer alone. */
export function frameworkOf(imports: readonly PythonImport[]): TrainingFramework | undefined {
  const found = FRAMEWORKS.filter(([, pattern]) => imports.some(({ module }) => pattern.test(module)));
  const usesTrainer = imports.some(
    ({ module, name }) => /^(?:transformers|trl)/.test(module) && /Trainer|TrainingArguments/.test(name ?? ""),
  );
  return found
    .map(([framework]) => framework)
    .find((framework) => framework !== "transformers" || usesTrainer || found.length === 1);
}

/** What loads a checkpoint: a framework, or a library of its format. */
export type CheckpointLoader = TrainingFramework | "torch" | "pickle" | "safetensors" | "torch.distributed";

const LOADERS: ReadonlyMap<CheckpointFormat, CheckpointLoader> = new Map([
  ["trainer-folder", "transformers"],
  ["accelerate-folder", "accelerate"],
  ["distributed-folder", "torch.distributed"],
  ["keras", "keras"],
  ["safetensors", "safetensors"],
]);

/** What loads a checkpoint by its form, and of a plain pickle by whether the script imports torch. */
export function loaderOf(
  { format, framework }: Pick<CheckpointSummary, "format" | "framework">,
  imports: readonly Pick<PythonImport, "module">[] = [],
): CheckpointLoader {
  if (format === "pickle" && !imports.some(({ module }) => /^torch(?:\.|$)/.test(module))) {
    return "pickle";
  }
  if (framework?.name === "Lightning") {
    return "lightning";
  }
  return framework?.name === "Keras" ? "keras" : (LOADERS.get(format) ?? "torch");
}

/** How a script goes on from a checkpoint where no argument of its command line says it; `epoch`: how many are done. */
export function adviseOnLoading(loader: CheckpointLoader, path: string, epoch?: number): string {
  const quoted = JSON.stringify(path);
  const add = "Add an argument such as `--resume` that loads it:";
  const advice: Readonly<Record<CheckpointLoader, string>> = {
    torch: `${add} \`checkpoint = torch.load(${quoted}, map_location="cpu")\`, then \`load_state_dict\` of model, optimizer and scheduler.`,
    pickle: `${add} \`with open(${quoted}, "rb") as file: state = pickle.load(file)\`, then go on from what it holds.`,
    safetensors: `${add} \`model.load_state_dict(safetensors.torch.load_file(${quoted}))\`.`,
    "torch.distributed": `${add} \`torch.distributed.checkpoint.load(state, checkpoint_id=${quoted})\` fills the state in place.`,
    transformers: `Call \`trainer.train(resume_from_checkpoint=${quoted})\`.`,
    lightning: `Call \`trainer.fit(model, ckpt_path=${quoted})\`.`,
    accelerate: adviseOnAccelerate(path),
    keras: adviseOnKeras(path, epoch),
    ultralytics: `Call \`YOLO(${quoted}).train(resume=True)\`.`,
  };
  return advice[loader];
}

/** Folders that accelerate numbers itself are not written over, so the number has to go on too. */
function adviseOnAccelerate(path: string): string {
  const number = /(?:^|[\\/])checkpoint_(\d{1,9})$/.exec(path)?.[1];
  const goOn =
    number === undefined
      ? ""
      : ` Set \`accelerator.project_configuration.iteration = ${Number(number) + 1}\`, so that the next save finds its place.`;
  return `Call \`accelerator.load_state(${JSON.stringify(path)})\` after \`accelerator.prepare(…)\`, and skip the steps that are done.${goOn}`;
}

/** A file of weights holds no model, and neither kind the number of the epoch. */
function adviseOnKeras(path: string, epoch: number | undefined): string {
  const quoted = JSON.stringify(path);
  const load = path.endsWith(".weights.h5")
    ? `Call \`model.load_weights(${quoted})\` once the model is compiled`
    : `Load it with \`keras.models.load_model(${quoted})\``;
  return `${load}, and give \`fit\` its \`initial_epoch${epoch === undefined ? "" : `=${epoch}`}\`.`;
}
