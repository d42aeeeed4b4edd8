import * as vscode from "vscode";
import { BUILT_IN_NAME } from "../../core/chat/builtInNames.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { BUILT_IN_VENDOR } from "../base/languageModels.ts";
import { reportError } from "../base/reportError.ts";

const CHARACTERS_PER_TOKEN = 4;

const INFORMATION: vscode.LanguageModelChatInformation = {
  id: "built-in",
  name: BUILT_IN_NAME,
  family: "rules",
  version: "1",
  maxInputTokens: 32_000,
  maxOutputTokens: 4_000,
  tooltip:
    "Not a language model: Trainyard's agents match what you write to their commands by fixed rules. Nothing leaves this machine.",
  // A chat in agent mode, which is how it opens, offers only models that take tools. This one takes them and calls none.
  capabilities: { toolCalling: true, imageInput: false },
};

/**
 * Offers `Built-in (no AI)` in the model picker. VS Code hands no request to a participant while no model can be picked;
 * with this one the agents work for people who have none.
 */
export function registerBuiltInModel(loadCommands: () => Promise<readonly SlashCommand[]>): vscode.Disposable {
  const registration = vscode.lm.registerLanguageModelChatProvider(BUILT_IN_VENDOR, {
    provideLanguageModelChatInformation: () => [INFORMATION],
    provideLanguageModelChatResponse: async (_model, _messages, _options, progress) => {
      progress.report(new vscode.LanguageModelTextPart(describeItself(await loadCommands())));
    },
    provideTokenCount: (_model, text) => {
      const characters = typeof text === "string" ? text.length : JSON.stringify(text.content).length;
      return Promise.resolve(Math.ceil(characters / CHARACTERS_PER_TOKEN));
    },
  });
  // VS Code resolves the models of a provider when somebody asks; until then the first prompt after start-up finds
  // no model and never reaches an agent. Where asking fails, the model picker asks again.
  vscode.lm.selectChatModels({ vendor: BUILT_IN_VENDOR }).then(undefined, (error: unknown) => {
    reportError(error, `Offering ${BUILT_IN_NAME}`);
  });
  return registration;
}

/** What callers other than our own agents get: the chat without `@`, or another extension. */
function describeItself(commands: readonly SlashCommand[]): string {
  const participants = [...new Set(commands.map((command) => command.participant))];
  const lines = participants.map((participant) => {
    const names = commands
      .filter((command) => command.participant === participant)
      .map((command) => `/${command.name}`);
    return `- @${participant} ${names.join(" ")}`;
  });
  return [
    `${BUILT_IN_NAME} is not a language model and cannot answer freely. It lets Trainyard's agents work without one:`,
    lines.join("\n"),
    "Begin a request with one of these names in a Local chat, or pick a language model below the input box.",
  ].join("\n\n");
}
