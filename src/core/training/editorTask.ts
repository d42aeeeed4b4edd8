import { isSecretName, replaceSecretWords } from "../base/secretWords.ts";
import type { LaunchPlan } from "./launchPlan.ts";

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
  const inFolder = (path: string) =>
    path === workspaceFolder || (path.startsWith(workspaceFolder) && /^[\\/]/.test(path.slice(workspaceFolder.length)))
      ? `\${workspaceFolder}${path.slice(workspaceFolder.length)}`
      : path;
  return {
    label: `Train ${[plan.title, ...argumentWords(plan)].join(" ")}`,
    type: "process",
    command: inFolder(program),
    // The file is committed and shared: a secret comes from the environment of whoever runs the task.
    args: replaceSecretWords(args, (flag) => fromEnvironment(flag)).map(inFolder),
    options: {
      cwd: inFolder(plan.cwd),
      env: Object.fromEntries(
        Object.entries(plan.environment).map(([name, value]) => [
          name,
          isSecretName(name) ? fromEnvironment(name) : value,
        ]),
      ),
    },
    problemMatcher: [],
  };
}

/** A variable as an editor fills it in: `${env:API_KEY}`. */
function fromEnvironment(name: string): string {
  return `\${env:${name
    .replace(/^[-+]+/, "")
    .replaceAll(/[.-]/g, "_")
    .toUpperCase()}}`;
}

/** Two tasks of one script are told apart by what was given. */
function argumentWords({ arguments: given }: LaunchPlan): string[] {
  return given
    .filter(({ source }) => source !== "default")
    .filter(({ flag }) => !isSecretName(flag))
    .map(({ flag, value }) => [flag.replace(/^-+/, ""), value].filter((part) => part !== undefined).join(" "));
}
