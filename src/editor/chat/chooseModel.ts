import type * as vscode from "vscode";
import { findPreferredModel, isAutomatic } from "../../core/chat/agentTools.ts";
import { languageModels } from "../base/languageModels.ts";

/**
 * The model that answers for an agent. A model in the picker is the person's word and answers, since VS Code does not tell
 * a model that was picked from one that was left there; where "Auto" stands, the first model that the agent prefers does.
 */
export async function chooseModel(
  picked: vscode.LanguageModelChat,
  preferences: readonly string[],
): Promise<vscode.LanguageModelChat> {
  if (!isAutomatic(picked) || preferences.length === 0) {
    return picked;
  }
  const available = (await languageModels()).filter((model) => !isAutomatic(model));
  return findPreferredModel(preferences, available)?.model ?? picked;
}
