import type { ClassSignature } from "./classSignatures.ts";
import type { ArgumentType, ScriptArgument, ScriptArguments } from "./scriptArguments.ts";

/** `LightningCLI(Model, Data)`. */
export type LightningEntry = {
  model?: string;
  data?: string;
  /** False with `run=False`: then no `fit` comes first. */
  hasSubcommands: boolean;
  line: number;
};

/** The arguments jsonargparse makes from the signatures of the trainer, the model and the data module. */
export function lightningArguments(entry: LightningEntry, classes: readonly ClassSignature[]): ScriptArguments {
  const general = GENERAL.map(([name, type, text]) => lightningArgument({ name, type, line: entry.line }, text));
  return {
    dialect: "lightning",
    arguments: [
      ...general,
      ...classArguments("model", entry.model, classes),
      ...classArguments("data", entry.data, classes),
    ],
    // The trainer has more parameters than this list, and a class may come from a package.
    isComplete: false,
    ...(entry.hasSubcommands ? { prefix: ["fit"] } : {}),
  };
}

function classArguments(
  group: string,
  className: string | undefined,
  classes: readonly ClassSignature[],
): ScriptArgument[] {
  const signature = classes.find((candidate) => candidate.name === className);
  return (signature?.parameters ?? []).map((parameter) => ({
    ...lightningArgument({ ...parameter, name: `${group}.${parameter.name}` }, parameter.default),
    isRequired: parameter.isRequired,
    isList: parameter.isList,
  }));
}

function lightningArgument(
  { name, type, line }: { name: string; type: ArgumentType; line: number },
  defaultText: string | undefined,
): ScriptArgument {
  return {
    flag: `--${name}`,
    kind: "option",
    name,
    aliases: name === "config" ? ["-c"] : [],
    type,
    ...(defaultText === undefined ? {} : { default: defaultText }),
    isRequired: false,
    isList: false,
    line,
  };
}

const GENERAL: readonly (readonly [name: string, type: ArgumentType, defaultText?: string])[] = [
  ["config", "string"],
  ["seed_everything", "unknown", "True"],
  ["ckpt_path", "string"],
  ["trainer.max_epochs", "integer"],
  ["trainer.max_steps", "integer", "-1"],
  ["trainer.accelerator", "string", "auto"],
  ["trainer.devices", "unknown", "auto"],
  ["trainer.precision", "string"],
  ["trainer.default_root_dir", "string"],
  ["trainer.limit_train_batches", "unknown"],
  ["trainer.limit_val_batches", "unknown"],
  ["trainer.val_check_interval", "unknown"],
  ["trainer.log_every_n_steps", "integer"],
  ["trainer.gradient_clip_val", "float"],
  ["trainer.accumulate_grad_batches", "integer", "1"],
  ["trainer.fast_dev_run", "boolean", "False"],
];
