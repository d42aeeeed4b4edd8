import { isSecret, maskSecretWords, namelessSecrets, replaceSecretWords } from "../base/secretWords.ts";
import type { LaunchPlan } from "./launchPlan.ts";
import { GPU_MASKS } from "./visibleGpus.ts";

/** A task of VS Code as `tasks.json` has it. */
export type EditorTask = {
  label: string;
  type: "process";
  command: string;
  args: readonly string[];
  options: { cwd: string; env: Readonly<Record<string, string>> };
  problemMatcher: readonly string[];
};

/** The command of a plan as an editor task: an argument vector too, so nothing is quoted. Paths inside of the folder are relative to it. */
export function renderEditorTask(plan: LaunchPlan, workspaceFolder: string): EditorTask {
  const [program = "", ...args] = plan.command;
  const write = (text: string) => inFolder(text, workspaceFolder);
  // The file is committed and shared: a secret comes from the environment of whoever runs the task.
  const shared = replaceSecretWords(args.map(write), fromEnvironment);
  return {
    label: `Train ${[plan.title, ...argumentWords(plan)].join(" ")}`,
    type: "process",
    command: write(program),
    args: shared,
    options: {
      cwd: write(plan.cwd),
      env: Object.fromEntries(
        Object.entries(plan.environment)
          .filter(([name, value]) => !isChosenGpu(name, value))
          .map(([name, value]) => [name, isSecret(name, value) ? `\${env:${name}}` : write(value)]),
      ),
    },
    problemMatcher: [],
  };
}

/** Whether a variable names GPUs as only one machine calls them: the task of another one would see none. */
function isChosenGpu(name: string, value: string): boolean {
  return GPU_MASKS.some((mask) => mask === name) && /\b(?:GPU|MIG)-/.test(value);
}

/** The variables of a plan that a task leaves out. */
export function leftOutOfTask({ environment }: LaunchPlan): string[] {
  return Object.entries(environment).flatMap(([name, value]) => (isChosenGpu(name, value) ? [name] : []));
}

/** The variables that a task takes from the environment of whoever runs it. */
export function variablesOf(plan: LaunchPlan): string[] {
  const names: string[] = [];
  replaceSecretWords(plan.command.slice(1), (name) => {
    names.push(variableName(name));
    return "";
  });
  const secrets = Object.entries(plan.environment).filter(([name, value]) => isSecret(name, value));
  return [...new Set([...names, ...secrets.map(([name]) => name), ...(plan.unrecorded ?? [])])];
}

/** Why a plan cannot be a task, which is shared, as a sentence: it has a secret that no argument or variable names. */
export function taskProblem({ command }: LaunchPlan): string | undefined {
  const [at] = namelessSecrets(command);
  return at === undefined
    ? undefined
    : `Word ${at + 1} of the command (${maskSecretWords(command)[at]}) holds a secret, and tasks.json is shared. Nothing was changed. Give it by a variable or by an argument with a name, then export that run.`;
}

/** What an editor fills in, as it documents it; every other `${…}`, such as those of Hydra, it leaves alone. */
const FILLED_IN =
  /\$\{(?:(?:env|config|command|input):[^}]*|(?:workspaceFolder|workspaceRoot|relativeFile|file)\w*(?::[^}]*)?|userHome|cwd|lineNumber|columnNumber|selectedText|execPath|defaultBuildTask|pathSeparator|\/)\}/g;

/** Words of the command that mean something to an editor, which knows no escape for them. */
export function filledInWords(plan: LaunchPlan): string[] {
  const text = [...plan.command, ...Object.values(plan.environment)].join("\n");
  return [...new Set(text.match(FILLED_IN) ?? [])];
}

/** The folder wherever a path begins: alone, behind `--data=`, and in a list of paths. */
function inFolder(text: string, folder: string): string {
  const escaped = folder.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return text.replaceAll(new RegExp(`(?<=^|[=:;,])${escaped}(?=$|[/\\\\:;,])`, "g"), () => "${workspaceFolder}");
}

/** A variable as an editor fills it in: `${env:API_KEY}`. */
function fromEnvironment(name: string): string {
  return `\${env:${variableName(name)}}`;
}

/** `API_KEY` for `--api-key`. */
function variableName(flag: string): string {
  const bare = flag.replace(/^[-+]+/, "");
  return bare.replaceAll(/[./@[\]-]/g, "_").toUpperCase();
}

/** Two tasks of one script are told apart by what was given. */
function argumentWords({ arguments: given }: LaunchPlan): string[] {
  return given
    .filter(({ source }) => source !== "default")
    .filter(({ flag, value }) => !isSecret(flag, value ?? ""))
    .map(({ flag, value }) => [flag.replace(/^-+/, ""), value].filter((part) => part !== undefined).join(" "));
}
