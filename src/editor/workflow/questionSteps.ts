import * as vscode from "vscode";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";

type Question = WorkflowState["definition"]["phases"][number]["questions"][number];

/** One question of several: `earlier` is proposed, and only the first has none before it. */
type Step = { title: string; earlier: string; isFirst: boolean };

/** Asked for the question before. */
export const BACK = Symbol("back");

const OTHER = "Something else…";

/** The answer to one of several questions, or the wish for the one before. Throws a CancellationError for Escape. */
export async function askQuestion(question: Question, step: Step): Promise<string | typeof BACK> {
  if (question.options.length === 0) {
    return askText(question, step);
  }
  for (;;) {
    const picked = await askOption(question, step);
    if (picked !== OTHER) {
      return picked;
    }
    const written = await askText(question, { ...step, isFirst: false });
    if (written !== BACK) {
      return written;
    }
  }
}

function askOption({ options, hint }: Question, { title, earlier, isFirst }: Step): Promise<string | typeof BACK> {
  const list = vscode.window.createQuickPick();
  const known = [...new Set([...(earlier === "" ? [] : [earlier]), ...options])];
  list.items = [...known, OTHER].map((label) => ({ label }));
  list.placeholder = hint;
  return answerOf(list, { title, isFirst }, () => list.activeItems[0]?.label);
}

function askText({ hint, isOptional }: Question, { title, earlier, isFirst }: Step): Promise<string | typeof BACK> {
  const box = vscode.window.createInputBox();
  box.prompt = hint;
  box.value = earlier;
  const read = () => {
    const isMissing = box.value.trim() === "" && !isOptional;
    box.validationMessage = isMissing ? "Write a sentence, or press Escape to stop." : undefined;
    return isMissing ? undefined : box.value;
  };
  box.onDidChangeValue(read);
  return answerOf(box, { title, isFirst }, read);
}

/** Shows a question until it has an answer; `read` gives none for what cannot be taken. */
function answerOf(
  asked: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  { title, isFirst }: Pick<Step, "title" | "isFirst">,
  read: () => string | undefined,
): Promise<string | typeof BACK> {
  asked.title = title;
  asked.ignoreFocusOut = true;
  asked.buttons = isFirst ? [] : [vscode.QuickInputButtons.Back];
  return new Promise((resolve, reject) => {
    asked.onDidTriggerButton(() => {
      resolve(BACK);
      asked.hide();
    });
    asked.onDidAccept(() => {
      const answer = read();
      if (answer !== undefined) {
        resolve(answer);
        asked.hide();
      }
    });
    asked.onDidHide(() => {
      asked.dispose();
      reject(new vscode.CancellationError());
    });
    asked.show();
  });
}
