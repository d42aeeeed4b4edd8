import { moduleOfFile } from "../base/pythonModule.ts";
import { quoteWord } from "../base/shellWord.ts";
import { commandPurpose, type IsFlowFile } from "./commandPurpose.ts";
import { type Evidence, type Located, statementsOf } from "./evidence.ts";
import type { Fact, Placeholder } from "./fact.ts";

/** Commands that people of the project wrote down (make, tox, scripts, tasks), by what they do. */
export function commandFacts(evidence: Evidence): Fact[] {
  const commands = statementsOf(evidence, "command");
  // What an image starts is written for its own folders: a command of the workspace comes before it.
  const ordered = [...commands.filter((each) => !isInImage(each)), ...commands.filter(isInImage)];
  const isFlowFile = flowFilesOf(evidence);
  return ordered.flatMap((statement): Fact[] => {
    const key = classifyCommand(statement, isFlowFile);
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

function classifyCommand(
  { name, command }: Pick<Located<"command">, "name" | "command">,
  isFlowFile: IsFlowFile,
): Placeholder | undefined {
  const [, module, callable] = /^([\w.]+):(\w[\w.]*)(?:\s*\[.*\])?$/.exec(command) ?? [];
  return module !== undefined && callable !== undefined
    ? classifyEntryPoint([name, module.split(".").at(-1) ?? "", callable])
    : commandPurpose(command, isFlowFile);
}

/** A command names a file from the folder in which it runs, which is the one of its manifest, or where it went with `cd`. */
function flowFilesOf(evidence: Evidence): IsFlowFile {
  const paths = statementsOf(evidence, "flow").map(({ source }) => `/${source.path}`);
  return (script) => {
    const end = `/${script.replaceAll("\\", "/").replace(/^(?:\.{1,2}\/)+|^\//, "")}`;
    return paths.some((path) => path.endsWith(end));
  };
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
