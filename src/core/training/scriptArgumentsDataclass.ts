import type { ClassSignature } from "./classSignatures.ts";
import type { ScriptArgument, ScriptArguments } from "./scriptArguments.ts";

/** `HfArgumentParser((ModelArguments, TrainingArguments))`. */
export type DataclassEntry = { classes: readonly string[]; line: number };

/** The fields of the dataclasses that a `HfArgumentParser` is made from; those of transformers come from a short list. */
export function dataclassArguments(entry: DataclassEntry, classes: readonly ClassSignature[]): ScriptArguments {
  let isComplete = true;
  const collected = entry.classes.flatMap((name): ScriptArgument[] => {
    const signature = classes.find((candidate) => candidate.name === name);
    const isTransformers = /(?:^|\.)(?:Seq2Seq)?TrainingArguments$/;
    const own = signature?.parameters.map(fieldArgument) ?? [];
    if (isTransformers.test(name) || signature?.bases.some((base) => isTransformers.test(base))) {
      isComplete = false;
      return [...own, ...TRAINING_ARGUMENTS.map((field) => fieldArgument({ ...field, line: entry.line }))];
    }
    isComplete &&= signature !== undefined && signature.bases.length === 0;
    return own;
  });
  return { dialect: "dataclass", arguments: collected, isComplete };
}

type Field = ClassSignature["parameters"][number];

function fieldArgument(field: Field): ScriptArgument {
  const isSwitch = field.type === "boolean";
  return {
    flag: `--${field.name}`,
    kind: isSwitch ? "switch" : "option",
    name: field.name,
    aliases: [],
    ...(isSwitch && field.default === "True" ? { negative: `--no_${field.name}` } : {}),
    type: field.type,
    ...(field.default !== undefined ? { default: field.default } : {}),
    isRequired: field.isRequired,
    isList: field.isList,
    ...(field.help ? { help: field.help } : {}),
    line: field.line,
  };
}

const option = (name: string, type: Field["type"], defaultText?: string): Omit<Field, "line"> => ({
  name,
  type,
  ...(defaultText === undefined ? {} : { default: defaultText }),
  isRequired: false,
  isList: false,
});

/** What people set most of the hundred fields of `transformers.TrainingArguments`. */
const TRAINING_ARGUMENTS: readonly Omit<Field, "line">[] = [
  option("output_dir", "string", "trainer_output"),
  option("num_train_epochs", "float", "3.0"),
  option("max_steps", "integer", "-1"),
  option("per_device_train_batch_size", "integer", "8"),
  option("per_device_eval_batch_size", "integer", "8"),
  option("gradient_accumulation_steps", "integer", "1"),
  option("learning_rate", "float", "5e-05"),
  option("weight_decay", "float", "0.0"),
  option("max_grad_norm", "float", "1.0"),
  option("lr_scheduler_type", "string", "linear"),
  option("warmup_steps", "float", "0"),
  option("logging_dir", "string"),
  option("logging_steps", "float", "500"),
  option("eval_strategy", "string", "no"),
  option("eval_steps", "float"),
  option("save_strategy", "string", "steps"),
  option("save_steps", "float", "500"),
  option("save_total_limit", "integer"),
  option("seed", "integer", "42"),
  option("bf16", "boolean", "False"),
  option("fp16", "boolean", "False"),
  option("gradient_checkpointing", "boolean", "False"),
  option("do_train", "boolean", "False"),
  option("do_eval", "boolean", "False"),
  option("resume_from_checkpoint", "string"),
];
