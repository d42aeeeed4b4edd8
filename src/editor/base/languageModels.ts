import * as vscode from "vscode";
import { reportError } from "./reportError.ts";

/** The vendor of `Built-in (no AI)`, which stands in the model picker and is no language model. */
export const BUILT_IN_VENDOR = "trainyard";

/** The language models of this window; none where VS Code cannot list them, since all works without. */
export async function languageModels(): Promise<readonly vscode.LanguageModelChat[]> {
  const models = await vscode.lm.selectChatModels().then(undefined, (error: unknown) => {
    reportError(error, "Listing the language models");
    return [];
  });
  return models.filter(({ vendor }) => vendor !== BUILT_IN_VENDOR);
}
