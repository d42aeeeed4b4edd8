import { moduleOfFile } from "../base/pythonModule.ts";
import { quoteWord } from "../base/shellWord.ts";
import { type Evidence, type Located, statementsOf } from "./evidence.ts";
import type { Fact, Placeholder } from "./fact.ts";

/** Commands that people of the project wrote down (make, tox, scripts, tasks), by what they do. */
export function commandFacts(evidence: Evidence): Fact[] {
  const commands = statementsOf(evidence, "command");
  // What an image starts is written for its own folders: a command of the workspace comes before it.
  const ordered = [...commands.filter((each) => !isInImage(each)), ...commands.filter(isInImage)];
  return ordered.flatMap((statement): Fact[] => {
    const key = classifyCommand(statement);
    const isSpoken = statement.invoke.startsWith("the ") || isInImage(statement);
    return key === undefined
      ? []
      : [
          {
            key,
            value: isSpoken ? statement.command : statement.invoke,
            why: isSpoken ? `written in ${fileName(statement.source.path)}` : `runs ${shorten(statement.command)}`,
            source: statement.source,
            confidence: "declared",
          },
        ];
  });
}

function isInImage({ invoke }: Located<"command">): boolean {
  return invoke.startsWith("docker build");
}

/** The first row that matches decides; the more special stand first. */
const COMMANDS: readonly (readonly [pattern: RegExp, key: Placeholder])[] = [
  [/\b(?:argo-workflows|step-functions|airflow)\s+create\b/, "deploy_flow_command"],
  [/\bstep-functions\s+list-runs\b|\bmetaflow\b.*\blist.runs\b/, "list_runs_command"],
  [/\.py\s+(?:--\S+\s+)*(?:dump|card\s+(?:view|get))\b/, "show_results_command"],
  [/\.py\s+(?:--\S+\s+)*resume\b/, "resume_flow_command"],
  [/\.py\s+(?:--\S+\s+)*run\b/, "run_flow_command"],
  [/\btensorboard\b.*--logdir/, "tensorboard_command"],
  [/\b\w*train\w*(?:\.py)?\b.*--(?:resume|ckpt|restore|continue)|\bresume_from/, "resume_command"],
  [
    /(?:python[\d.]*|\$[({]PY\w*[)}]|torchrun|launch|deepspeed|uv run|-m)\s.*?\b(?:evaluate?|validate|validation|eval_\w+|\w+_eval)(?:\.py)?\b/,
    "validate_command",
  ],
  [
    /(?:python[\d.]*|\$[({]PY\w*[)}]|torchrun|launch|deepspeed|uv run|-m)\s.*?\b(?:train|pretrain|finetune|fine_tune|train_\w+|\w+_train|fit)(?:\.py)?\b/,
    "train_command",
  ],
];

function classifyCommand({ name, command }: Pick<Located<"command">, "name" | "command">): Placeholder | undefined {
  const [, module, callable] = /^([\w.]+):(\w[\w.]*)(?:\s*\[.*\])?$/.exec(command) ?? [];
  if (module !== undefined && callable !== undefined) {
    return classifyEntryPoint([name, module.split(".").at(-1) ?? "", callable]);
  }
  return COMMANDS.find(([pattern]) => pattern.test(command.slice(0, MAX_COMMAND_CHARACTERS)))?.[1];
}

/** `digits-train = "digits.cli:train"`: one of its names begins or ends with what it does. */
function classifyEntryPoint(names: readonly string[]): Placeholder | undefined {
  const ends = names.flatMap((name) => {
    const words = name.toLowerCase().split(/[-_.]/);
    return [words[0] ?? "", words.at(-1) ?? ""];
  });
  return ENTRY_POINTS.find(([pattern]) => ends.some((word) => pattern.test(word)))?.[1];
}

const ENTRY_POINTS: readonly (readonly [word: RegExp, key: Placeholder])[] = [
  [/^resume$/, "resume_command"],
  [/^(?:eval|evaluate|evaluation|validate|validation)$/, "validate_command"],
  [/^(?:train|training|pretrain|finetune|fit)$/, "train_command"],
];

const MAX_COMMAND_CHARACTERS = 1_000;

/** Commands that follow from the scripts of the project, for what nobody wrote down. */
export function scriptCommands(evidence: Evidence): Fact[] {
  const [training] = scriptsOf(evidence, "training");
  const [evaluation] = scriptsOf(evidence, "evaluation");
  return [
    ...(training ? [trainCommand(evidence, training), ...resumeCommand(evidence, training)] : []),
    ...(evaluation ? [commandOf("validate_command", evaluation, `python ${quoteWord(evaluation.source.path)}`)] : []),
    ...tensorboardCommand(evidence),
  ];
}

/** Best first. */
export function scriptsOf(evidence: Evidence, role: "training" | "evaluation"): Located<"script">[] {
  return statementsOf(evidence, "script")
    .filter((script) => script.role === role)
    .toSorted((a, b) => b.score - a.score || a.source.path.length - b.source.path.length);
}

function trainCommand(evidence: Evidence, script: Located<"script">): Fact {
  return commandOf("train_command", script, startOf(evidence, script));
}

/** The command up to the arguments: by the path of the script, or as a module where it belongs to a package. */
function startOf(evidence: Evidence, script: Located<"script">): string {
  const { path } = script.source;
  const launcher = launcherOf(evidence, script);
  const module = script.isInPackage && launcher === "python" ? moduleOfFile(path) : undefined;
  return `${launcher} ${module === undefined ? quoteWord(path) : `-m ${module}`}`;
}

/** Accelerate and DeepSpeed start a script that imports them, where the project configures them. */
function launcherOf(evidence: Evidence, script: Located<"script">): string {
  const imports = new Set(
    evidence.readings
      .get(script.source.path)
      ?.statements.flatMap((statement) => (statement.kind === "import" ? [statement.module] : [])),
  );
  const configured = new Map(statementsOf(evidence, "configuration").map(({ of, source }) => [of, source.path]));
  const accelerate = configured.get("accelerate");
  if (accelerate !== undefined && imports.has("accelerate")) {
    return `accelerate launch --config_file ${quoteWord(accelerate)}`;
  }
  return configured.has("deepspeed") && imports.has("deepspeed") ? "deepspeed" : "python";
}

function resumeCommand(evidence: Evidence, script: Located<"script">): Fact[] {
  const option = statementsOf(evidence, "resume-option").find(({ source }) => source.path === script.source.path);
  return option === undefined
    ? []
    : [
        {
          key: "resume_command",
          value: `${startOf(evidence, script)} ${option.option} <checkpoint>`,
          why: `takes ${option.option}`,
          source: option.source,
          confidence: "likely",
        },
      ];
}

function commandOf(key: Placeholder, script: Located<"script">, value: string): Fact {
  const why = script.reasons.slice(0, 2).join(", ");
  return { key, value, why, source: { path: script.source.path }, confidence: "likely" };
}

/** Where event files lie, else where code says that it writes them. */
function tensorboardCommand(evidence: Evidence): Fact[] {
  const [events] = evidence.layout.eventFolders;
  const [written] = statementsOf(evidence, "log-folder");
  const folder = events === undefined ? written?.path : topOf(events);
  if (folder === undefined) {
    return [];
  }
  const source = events === undefined ? written?.source : { path: events };
  return [
    {
      key: "tensorboard_command",
      value: `tensorboard --logdir ${quoteWord(folder)}`,
      why: events === undefined ? "is written to" : "holds event files",
      ...(source ? { source } : {}),
      confidence: "likely",
    },
  ];
}

/** `runs` of `runs/2026-11-01/a`, so that all runs are shown beside each other. */
function topOf(folder: string): string {
  return folder.split("/")[0] || ".";
}

function shorten(command: string): string {
  return command.length <= 80 ? command : `${command.slice(0, 79)}…`;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
