import * as vscode from "vscode";
import { findPreferredModel, isAutomatic } from "../../core/chat/agentTools.ts";
import { reportError } from "../base/reportError.ts";
import { BUILT_IN_VENDOR } from "./builtInModel.ts";

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
  const models = await availableModels();
  const available = models.filter((model) => model.vendor !== BUILT_IN_VENDOR && !isAutomatic(model));
  return findPreferredModel(preferences, available)?.model ?? picked;
}

/** The models of this window; none where VS Code cannot list them, since the picked one can answer all the same. */
export async function availableModels(): Promise<readonly vscode.LanguageModelChat[]> {
  return vscode.lm.selectChatModels().then(undefined, (error: unknown) => {
    reportError(error, "Listing the language models");
    return [];
  });
}
