import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { Tool } from "../../core/tools/tool.ts";
import { withAbortSignal } from "../base/cancellation.ts";

export type ToolDeps = {
  /** The names of the manifest, so that nothing is loaded to register them. */
  names: readonly string[];
  /** Loads all tools with their ports, once, on the first call of any. */
  load: () => Promise<readonly Tool<unknown>[]>;
  reportBug: (error: unknown) => void;
};

/**
 * Registers every tool with VS Code. This is the one place where a model's call becomes an action: the input
 * is validated here (VS Code does not), the person is asked here, and whatever goes wrong becomes text that
 * the model can act on.
 */
export function registerTools(deps: ToolDeps): vscode.Disposable {
  return vscode.Disposable.from(...deps.names.map((name) => vscode.lm.registerTool(name, adaptTool(name, deps))));
}

/**
 * One tool as VS Code calls it, by its name. Contract: a call throws only when it was cancelled; whatever else goes wrong
 * becomes text. Preparing a call throws where its question cannot be put, so that nothing runs unasked.
 */
export function adaptTool(name: string, { load, reportBug }: ToolDeps): vscode.LanguageModelTool<unknown> {
  const find = async () => {
    const tool = (await load()).find((candidate) => candidate.name === name);
    if (!tool) {
      throw new UserError(`This version of Trainyard has no tool ${name}.`);
    }
    return tool;
  };
  return {
    async prepareInvocation({ input }, token) {
      const { prepareCall } = await import("./toolCall.ts");
      return withAbortSignal(token, (signal) => prepareCall(find, { input, signal, reportBug }));
    },
    async invoke({ input }, token) {
      const { runCall } = await import("./toolCall.ts");
      const text = await withAbortSignal(token, async (signal) => runCall(find, { input, signal, reportBug }));
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  };
}
