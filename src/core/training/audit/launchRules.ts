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
  flow?: { path: string; findings: readonly { code: string; line: number }[]; hasForeach: boolean };
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

/** `--trainer.mixed-precision=bf16` and `mixed_precision=bf16` both name `mixed_precision`. */
function argumentName(word: string): string {
  const name = /^-{0,2}([\w.-]+)/.exec(word)?.[1] ?? "";
  return name.slice(name.lastIndexOf(".") + 1).replaceAll("-", "_");
}

function isArgument(word: string): boolean {
  return word.startsWith("--") || /^[\w.]+=/.test(word);
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
  const asked = ASKED_ARGUMENTS.flatMap(([check, name]) => {
    const argument = given.find((word) => isArgument(word) && name.test(argumentName(word)));
    return argument === undefined ? [] : [{ check, evidence: `\`${argument}\`` }];
  });
  const remote = findRemoteCompute(given);
  const onCluster = remote === undefined ? [] : [{ check: "remote-compute", evidence: `\`${remote}\`` }];
  const foreach =
    flow?.hasForeach === true ? [{ check: "foreach", evidence: `${flow.path} runs steps in parallel` }] : [];
  return { refusals: [...overwritten, ...suspicions, ...inFlow], askFirst: [...asked, ...onCluster, ...foreach] };
}
