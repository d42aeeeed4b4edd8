import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { readYaml, scalarText } from "./yamlFile.ts";

export function isEditorTasks(path: string): boolean {
  return /(?:^|\/)\.vscode\/(?:tasks|launch)\.json$/.test(path);
}

/** The tasks and launch configurations of VS Code. JSON with comments, in which `//` and `#` mean nothing else. */
export function readEditorTasks({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const isLaunch = path.endsWith("launch.json");
  const { root, lineOf } = readYaml(withoutComments(text), reading);
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
  const module = scalarText(item, "module");
  const program = isLaunch
    ? (scalarText(item, "program") ?? (module === undefined ? undefined : `-m ${module}`))
    : scalarText(item, "command");
  const args = item.get("args", true);
  const words = isSeq(args) ? args.items.flatMap((word) => (isScalar(word) ? [String(word.value)] : [])) : [];
  const shown = program?.replaceAll(/\$\{workspaceFolder\}[/\\]/g, "");
  return shown === undefined ? undefined : [...(isLaunch ? ["python"] : []), shown, ...words].join(" ");
}

/** Blanks for comments, so that lines and columns stay; texts are left as they are. What is never closed goes on to the end, so that nothing is looked at twice. */
function withoutComments(text: string): string {
  return text.replaceAll(/"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (match) =>
    match.startsWith('"') ? match : match.replaceAll(/[^\n]/g, " "),
  );
}
