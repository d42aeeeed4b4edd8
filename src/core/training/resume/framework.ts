import type { PythonImport } from "../../base/pythonImports.ts";

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

/** How a script of a framework goes on from a checkpoint where no argument of its command line says it; `epoch`: how many are done. */
export function adviseOnLoading(framework: TrainingFramework | undefined, path: string, epoch?: number): string {
  const quoted = JSON.stringify(path);
  if (framework === undefined) {
    return `Add an argument such as \`--resume\` that loads it: \`checkpoint = torch.load(${quoted}, map_location="cpu")\`, then \`load_state_dict\` of model, optimizer and scheduler.`;
  }
  const advice: Readonly<Record<TrainingFramework, string>> = {
    transformers: `Call \`trainer.train(resume_from_checkpoint=${quoted})\`.`,
    lightning: `Call \`trainer.fit(model, ckpt_path=${quoted})\`.`,
    accelerate: adviseOnAccelerate(path),
    keras: adviseOnKeras(path, epoch),
    ultralytics: `Call \`YOLO(${quoted}).train(resume=True)\`.`,
  };
  return advice[framework];
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
