import { type PlacedEntry, readArgumentVector } from "../argumentVector.ts";
import type { ScriptArgument, ScriptArguments } from "../scriptArguments.ts";

/** One difference between the command that failed and the one that is proposed. */
export type CommandChange = { name: string; from?: string; to: string };

/** The words behind a script, with the changes that were made to them. */
export type EditedWords = { words: readonly string[]; changes: readonly CommandChange[] };

/** What an argument means, by the names that training scripts give it; compared with the last part of a dotted name. */
const ARGUMENT_ROLES = {
  batch: /^(?:(?:per_device_|per_gpu_)?(?:train_|micro_)?batch(?:_?size)?(?:_per_(?:gpu|device))?|bs)$/,
  accumulation:
    /^(?:gradient_accumulation(?:_steps)?|accumulate_grad_batches|grad_accum(?:_steps)?|accum(?:_iter|_steps)?|accumulation_steps|update_freq)$/,
  workers: /^(?:(?:num_|n_|dataloader_num_|data_|loader_)?workers|nworkers|num_proc)$/,
  resume:
    /^(?:auto_?resume|resume(?:_from)?(?:_(?:checkpoint|ckpt|path|file|model|state|training|run|weights|snapshot))*|(?:restore|restart_from|continue|continue_from)(?:_(?:from|checkpoint|ckpt|path|file|train|training))*|start_from(?:_checkpoint)?|from_checkpoint|load_(?:from_)?(?:checkpoint|ckpt|state|snapshot)(?:_(?:path|file))?|ckpt_path)$/,
  /** Where it is read from; taken only where nothing says that the training goes on. */
  load: /^(?:(?:checkpoint|snapshot)(?:_path|_file)?|ckpt(?:_file)?|load(?:_from|_path|_file|_dir)?)$/,
  /** Where a script looks that is only told to resume. */
  folder: /^(?:ckpts?|checkpoints?|snapshots?|saves?|saved_models?|weights)_(?:dir|directory|folder|root)$/,
  firstEpoch: /^(?:initial|start|first)_epoch$/,
  /** How long it trains. */
  epochs: /^(?:(?:num|n|nb|max|total|train|training)_?)*epochs?$/,
  steps: /^(?:(?:num|n|max|total|train|training)_?)*(?:steps|iters|iterations)$/,
  rate: /^(?:learning_rate|lr|base_lr|max_lr|peak_lr)$/,
  device: /^(?:device|accelerator)$/,
} as const;

type ArgumentRole = keyof typeof ARGUMENT_ROLES;

/** Argument words as their script reads them, to look up and to change by what an argument means. */
export class ArgumentEditor {
  readonly #script: ScriptArguments;
  #words: string[];
  readonly #changes: CommandChange[] = [];

  constructor(words: readonly string[], script: ScriptArguments) {
    this.#words = [...words];
    this.#script = script;
  }

  get edited(): EditedWords {
    return { words: this.#words, changes: this.#changes };
  }

  /** The value in effect: given, else the default of the script; undefined where there is no such argument. */
  valueOf(role: ArgumentRole): string | undefined {
    return this.#given(role)?.value ?? this.#declared(role)?.default;
  }

  knows(role: ArgumentRole): boolean {
    return this.#given(role) !== undefined || this.#declared(role) !== undefined;
  }

  /** What the argument of that role can be given; undefined where there is none or it is not declared. */
  formOf(role: ArgumentRole): "switch" | "boolean" | "value" | undefined {
    const declared = this.#given(role)?.declared ?? this.#declared(role);
    return declared && (declared.kind === "switch" ? "switch" : declared.type === "boolean" ? "boolean" : "value");
  }

  /** The name of the argument of that role, without its dashes: `load_dir`. */
  nameOf(role: ArgumentRole): string | undefined {
    const given = this.#given(role);
    const name = given?.declared?.name ?? this.#declared(role)?.name ?? given?.flag;
    return name?.replace(/^-+/, "").replaceAll("-", "_");
  }

  /** The same as it is written: `--load-dir`, or `trainer.max_epochs` for Hydra. */
  flagOf(role: ArgumentRole): string | undefined {
    const given = this.#given(role);
    return given?.declared?.flag ?? given?.flag ?? this.#declared(role)?.flag;
  }

  /** Adds an option that the script is known to take without declaring it. */
  append(flag: string, value: string): void {
    this.#words.push(flag, value);
    this.#changes.push({ name: flag, to: value });
  }

  /** Adds a word that the script is known to heed without declaring it, in the place of what it was told otherwise. */
  tell(word: string): void {
    const [name = word, to = "on"] = word.split("=");
    const from = this.#words.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
    if (!this.#words.includes(word)) {
      this.#words = [...this.#words.filter((each) => !each.startsWith(`${name}=`)), word];
      this.#changes.push({ name, ...(from === undefined ? {} : { from }), to });
    }
  }

  /** Gives the argument of that role a value; false where the script takes none. A switch is only turned on. */
  set(role: ArgumentRole, value: string): boolean {
    const given = this.#given(role);
    const declared = given?.declared ?? this.#declared(role);
    const from = given?.value ?? declared?.default;
    if (given === undefined && declared === undefined) {
      return false;
    }
    if (declared?.kind === "switch") {
      if (given === undefined) {
        this.#words.push(declared.flag);
        this.#changes.push({ name: declared.flag, to: "on" });
      }
      return true;
    }
    if (given === undefined && declared !== undefined) {
      this.#words.push(...(declared.kind === "override" ? [`${declared.name}=${value}`] : [declared.flag, value]));
    } else if (given !== undefined) {
      this.#replace(given, value);
    }
    const name = declared?.flag ?? given?.flag ?? "";
    this.#changes.push({ name, ...(from === undefined ? {} : { from }), to: value });
    return true;
  }

  /** Writes a flag that the script does not know as the one that was meant. */
  rename(flag: string, meant: string): boolean {
    const at = this.#words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
    if (at === -1) {
      return false;
    }
    this.#words[at] = meant + (this.#words[at] ?? "").slice(flag.length);
    this.#changes.push({ name: flag, to: meant });
    return true;
  }

  #declared(role: ArgumentRole): ScriptArgument | undefined {
    return this.#script.arguments.find(({ kind, name }) => kind !== "positional" && hasRole(name, role));
  }

  #given(role: ArgumentRole): PlacedEntry | undefined {
    return readArgumentVector(this.#words, this.#script).findLast(
      ({ declared, flag, value }) => flag !== value && hasRole(declared?.name ?? flag, role),
    );
  }

  #replace({ declared, value: from, at, valueWords }: PlacedEntry, value: string): void {
    const word = this.#words[at] ?? "";
    if (valueWords > 0 || from === undefined) {
      this.#words.splice(at + 1, valueWords, value);
    } else {
      this.#words[at] = declared?.kind === "positional" ? value : `${word.slice(0, word.indexOf("="))}=${value}`;
    }
  }
}

/** Whether an argument of that name says to go on from a checkpoint. */
export function saysResume(name: string): boolean {
  return hasRole(name, "resume");
}

function hasRole(name: string, role: ArgumentRole): boolean {
  const last = name
    .replace(/^[+-]+/, "")
    .slice(name.replace(/^[+-]+/, "").lastIndexOf(".") + 1)
    .replaceAll("-", "_");
  return ARGUMENT_ROLES[role].test(last);
}
