import * as vscode from "vscode";
import { findAgent } from "../../core/agents/agentCatalog.ts";
import { selectTools } from "../../core/chat/agentTools.ts";
import type { AskModel } from "../../core/chat/slashCommand.ts";
import { withAbortSignal, withToken } from "../base/cancellation.ts";
import { BUILT_IN_VENDOR } from "../base/languageModels.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import type { PreparedTurn } from "./chatTurn.ts";
import { chooseModel } from "./chooseModel.ts";

/** The picked model, or by "Auto" one that the agent prefers, for a command that needs agents of its own; undefined where none but the built-in one is picked. */
export function askModelOf(turn: PreparedTurn, deps: ChatDependencies): AskModel | undefined {
  if (turn.request.model.vendor === BUILT_IN_VENDOR) {
    return undefined;
  }
  // What several agents need of the workspace is read once for the turn.
  let facts: Promise<string> | undefined;
  const readFacts = () => (facts ??= withAbortSignal(turn.token, (signal) => deps.readFacts(signal)));
  return async ({ agent, prompt, extraTools, maxTokens, mayCall, fillIn, onRefusedTool, onDeclinedTool }, signal) => {
    const [{ runModelLoop }, { agentInstructions }] = await Promise.all([
      import("./modelLoop.ts"),
      import("./agentInstructions.ts"),
    ]);
    const [catalog, ours] = await Promise.all([deps.loadCatalog(), deps.loadToolNames()]);
    const definition = findAgent(catalog, agent)?.definition;
    const model = await chooseModel(turn.request.model, definition?.models ?? []);
    const came = { model, token: turn.token, facts: readFacts(), references: [] };
    const { text: instructions } = await agentInstructions({ name: agent, body: definition?.body ?? "" }, came, deps);
    const registered = vscode.lm.tools.map((tool) => tool.name);
    const named = [...new Set([...selectTools(definition?.tools, ours, registered), ...extraTools])];
    const offered = await Promise.all(named.map(async (tool) => ((await mayCall(tool)) ? [tool] : [])));
    const { command, toolInvocationToken } = turn.request;
    const outcome = await withToken(signal, (token) =>
      runModelLoop({
        // A tool that the person names with `#` is meant for whom they talk to, and not for every agent of that one.
        request: { command, toolInvocationToken, toolReferences: [] },
        model,
        history: [],
        // What an agent says goes into its document; the person sees that.
        stream: { markdown: () => undefined },
        token,
        instructions,
        prompt,
        toolNames: offered.flat(),
        mayCall,
        fillIn,
        onRefusedTool,
        onDeclinedTool,
        maxTokens,
      }),
    );
    const spent = { tokens: outcome.tokens, model: model.name };
    switch (outcome.kind) {
      case "answered":
        return { kind: "answered", text: outcome.text, endsInTools: outcome.endsInTools, ...spent };
      case "cancelled":
        return { kind: "failed", reason: "The request was stopped.", ...spent };
      case "failed":
        break;
    }
    return { kind: "failed", reason: outcome.sentence, ...spent };
  };
}
