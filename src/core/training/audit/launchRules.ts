import { findSuspicions } from "../evaluation/renderData.ts";
import type { TrainingAudit } from "./trainingAudit.ts";

/** What a launch has to do with a rule that an agent works under; `check` is the rule's name in agent files. */
export type LaunchEvidence = { check: string; evidence: string };

export type LaunchJudgement = {
  /** Nothing is started by an agent. A person may still start it. */
  refusals: readonly LaunchEvidence[];
  /** Named in the question before the start. */
  askFirst: readonly LaunchEvidence[];
};

export type LaunchToJudge = {
  /** Of the script and the files it imports. */
  audits: readonly TrainingAudit[];
  /** The argument vector behind the script. */
  given: readonly string[];
  /** Whether a checkpoint that the script names exists where it runs. */
  exists: (path: string) => boolean;
  /** Findings of the flow, where the script is one. */
  flow?: {
    path: string;
    findings: readonly { code: string; line: number }[];
    hasForeach: boolean;
    /** Decorators that send a step to a cluster. */
    remote: readonly { decorator: string; line: number }[];
  };
};

const REFUSED_FINDINGS: Readonly<Record<string, string>> = {
  "train-on-test-data": "test-data",
  "no-validation": "held-out-data",
};

const REFUSED_IN_FLOWS: Readonly<Record<string, string>> = {
  "secret-in-code": "flow-secrets",
  "absolute-path": "flow-paths",
};

/** Arguments that change what a person has to be asked about. */
const ASKED_ARGUMENTS: readonly (readonly [check: string, name: RegExp])[] = [
  ["mixed-precision", /^(?:use_)?(?:amp|fp16|bf16|half|mixed_precision|precision)$/],
  ["learning-rate-schedule", /^(?:lr_)?(?:sched(?:uler?)?|warm_?up|decay)(?:_\w+)?$/],
  ["augmentation", /^(?:aug\w*|mixup\w*|cutmix\w*|rand_?aug\w*|auto_?aug\w*)$/],
  ["architecture", /^(?:arch\w*|model|model_name|backbone|num_layers|n_layers|hidden_(?:size|dim)|depth|width)$/],
];

/** Values with which an argument of mixed precision asks for none. */
const FULL_PRECISION = /^(?:no|none|null|false|off|0|full|highest|(?:fp|float)?(?:32|64)(?:-true)?)$/i;

/** `--trainer.mixed-precision=bf16`, and Hydra's `++trainer.mixed_precision=bf16` and `model/backbone=vit`. */
const ARGUMENT = /^(?:--|[+~]{0,2}(?=[\w./@-]+=))([\w./@-]+)(?:=(.*))?$/s;

type Argument = { word: string; name: string; value: string };

/** The arguments that have a name, by the last part of it, with what stands behind. */
function argumentsIn(given: readonly string[]): Argument[] {
  return given.flatMap((word, index) => {
    const [, path, written] = ARGUMENT.exec(word) ?? [];
    const next = given[index + 1] ?? "";
    const name = path?.split(/[./]/).at(-1)?.replaceAll("-", "_");
    return name === undefined ? [] : [{ word, name, value: written ?? (next.startsWith("-") ? "" : next) }];
  });
}

function asksFor({ name, value }: Argument, check: string, pattern: RegExp): boolean {
  return pattern.test(name) && !(check === "mixed-precision" && FULL_PRECISION.test(value));
}

/** `run --with kubernetes`, `--with=batch:cpu=4`. */
function findRemoteCompute(given: readonly string[]): string | undefined {
  return given.find(
    (word, index) =>
      /^(?:--with=)?(?:kubernetes|batch)\b/.test(word) && (word.startsWith("--with=") || given[index - 1] === "--with"),
  );
}

/** Judges a launch by the rules of the agents, from texts alone. */
export function judgeLaunch({ audits, given, exists, flow }: LaunchToJudge): LaunchJudgement {
  const suspicions = findSuspicions(audits).flatMap(({ code, severity, file, line, message }) => {
    const check = REFUSED_FINDINGS[code];
    return check === undefined || severity === "information"
      ? []
      : [{ check, evidence: `${file}:${line + 1}: ${message}` }];
  });
  const overwritten = audits.flatMap(({ label, fixedCheckpoints }) =>
    fixedCheckpoints
      .filter(({ path }) => exists(path))
      .map(({ path, line, call }) => ({
        check: "checkpoint-version",
        evidence: `${label}:${line + 1}: \`${call}\` writes ${path}, which exists. Put the epoch or the run into its name, or move the file.`,
      })),
  );
  const inFlow = (flow?.findings ?? []).flatMap(({ code, line }) => {
    const check = REFUSED_IN_FLOWS[code];
    return check === undefined ? [] : [{ check, evidence: `${flow?.path}:${line + 1}` }];
  });
  const named = argumentsIn(given);
  const asked = ASKED_ARGUMENTS.flatMap(([check, name]) => {
    const argument = named.find((each) => asksFor(each, check, name));
    return argument === undefined ? [] : [{ check, evidence: `\`${argument.word}\`` }];
  });
  const option = findRemoteCompute(given);
  const [step] = flow?.remote ?? [];
  const inCode = step && `${flow?.path}:${step.line + 1}: \`${step.decorator}\``;
  const remote = option === undefined ? inCode : `\`${option}\``;
  const onCluster = remote === undefined ? [] : [{ check: "remote-compute", evidence: remote }];
  const foreach =
    flow?.hasForeach === true ? [{ check: "foreach", evidence: `${flow.path} runs steps in parallel` }] : [];
  return { refusals: [...overwritten, ...suspicions, ...inFlow], askFirst: [...asked, ...onCluster, ...foreach] };
}
