import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { UserError } from "../../core/base/errors.ts";
import type { EditorTask } from "../../core/training/editorTask.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { formattingOf, insertLines } from "../base/jsoncInsert.ts";
import { makeFolder } from "../base/makeFolder.ts";

const TASK_FILE = ".vscode/tasks.json";
const EMPTY = '{\n  "version": "2.0.0",\n  "tasks": [\n  ]\n}\n';

/** Where the tasks of a workspace folder are written. */
export function taskFilePath(root: string): string {
  return join(root, TASK_FILE);
}

/** Adds a task, or replaces the one with its label; comments and the other tasks stay. Refuses to write over what is no list of tasks. */
export async function saveTask(root: string, task: EditorTask): Promise<void> {
  const path = taskFilePath(root);
  try {
    await makeFolder(join(root, ".vscode"));
    await writeFileAtomically(path, mergeTask(await readText(path), task));
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    throw new UserError(`${path} cannot be written: ${describeFileError(error)}. Nothing was changed.`, {
      cause: error,
    });
  }
}

/** The text of a task file with a task in it. */
export function mergeTask(text: string, task: EditorTask): string {
  const before = text.trim() === "" ? EMPTY : text;
  const tasks = readTasks(before);
  const formattingOptions = formattingOf(before);
  if (tasks === undefined) {
    const withTasks = applyEdits(before, modify(before, ["tasks"], [task], { formattingOptions }));
    return /"version"\s*:/.test(before)
      ? withTasks
      : applyEdits(withTasks, modify(withTasks, ["version"], "2.0.0", { formattingOptions }));
  }
  const elements = tasks.children ?? [];
  const present = elements.findIndex((element) => labelOf(element) === task.label);
  if (present !== -1) {
    return applyEdits(before, modify(before, ["tasks", present], task, { formattingOptions }));
  }
  const edits =
    insertLines(before, tasks, [{ value: task }]) ??
    modify(before, ["tasks", elements.length], task, { formattingOptions, isArrayInsertion: true });
  return applyEdits(before, edits);
}

/** The list of tasks; undefined where the file has none yet. */
function readTasks(text: string): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const reason = printParseErrorCode(error.error)
      .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
      .toLowerCase();
    throw refusal(text, error.offset, `is no JSON: ${reason}`);
  }
  const tasks = root && findNodeAtLocation(root, ["tasks"]);
  if (root?.type !== "object" || (tasks !== undefined && tasks.type !== "array")) {
    throw refusal(text, tasks?.offset ?? 0, "has no list under `tasks`");
  }
  return tasks;
}

function refusal(text: string, offset: number, what: string): UserError {
  const line = text.slice(0, Math.min(offset, text.trimEnd().length)).split("\n").length;
  return new UserError(
    `\`${TASK_FILE}\` ${what} (line ${line}). Nothing was changed. Correct the file, then export again.`,
  );
}

function labelOf(element: Node): unknown {
  const label = findNodeAtLocation(element, ["label"]);
  return label && getNodeValue(label);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return "";
    }
    throw error;
  }
}
