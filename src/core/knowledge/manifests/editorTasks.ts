import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { quoteWord } from "../../base/shellWord.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { readJsonWithComments, scalarText } from "./yamlFile.ts";

export function isEditorTasks(path: string): boolean {
  return /(?:^|\/)\.vscode\/(?:tasks|launch)\.json$/.test(path);
}

/** The tasks and launch configurations of VS Code. JSON with comments, in which `//` and `#` mean nothing else. */
export function readEditorTasks({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const isLaunch = path.endsWith("launch.json");
  const { root, lineOf } = readJsonWithComments(text, reading);
  const list = root?.get(isLaunch ? "configurations" : "tasks", true);
  for (const item of isSeq(list) ? list.items : []) {
    const name = isMap(item)
      ? (scalarText(item, isLaunch ? "name" : "label") ?? scalarText(item, "taskName"))
      : undefined;
    const command = isMap(item) ? commandOf(item, isLaunch) : undefined;
    if (name !== undefined && command !== undefined) {
      const invoke = isLaunch ? `the launch configuration "${name}"` : `the editor task "${name}"`;
      reading.add({ kind: "command", name, command, invoke, line: lineOf(item) });
    }
  }
  return reading.reading;
}

function commandOf(item: YAMLMap, isLaunch: boolean): string | undefined {
  const args = item.get("args", true);
  const words = isSeq(args) ? args.items.flatMap((word) => argumentOf(word) ?? []) : [];
  const start = isLaunch ? launchedBy(item) : startedBy(item);
  return start === undefined ? undefined : [start, ...words.map(shownWord)].join(" ");
}

/** An argument is a text, or a text with how to quote it. */
function argumentOf(word: unknown): string | undefined {
  return isScalar(word) ? String(word.value) : isMap(word) ? scalarText(word, "value") : undefined;
}

function launchedBy(item: YAMLMap): string | undefined {
  const [program, module] = [scalarText(item, "program"), scalarText(item, "module")];
  const script = program === undefined ? undefined : shownWord(program);
  const what = script ?? (module === undefined ? undefined : `-m ${module}`);
  return what === undefined ? undefined : `python ${what}`;
}

/** The command of a task is a line of a shell, where the task does not say that it is a program. */
function startedBy(item: YAMLMap): string | undefined {
  const command = scalarText(item, "command");
  const isProgram = scalarText(item, "type") === "process";
  return command === undefined ? undefined : isProgram ? shownWord(command) : inWorkspace(command);
}

function shownWord(word: string): string {
  return quoteWord(inWorkspace(word));
}

function inWorkspace(text: string): string {
  return text.replaceAll(/\$\{workspaceFolder\}[/\\]/g, "");
}
