import type { KnownWords } from "../agents/checkWords.ts";
import { OLD_VSCODE_TOOLS, VSCODE_TOOL_SETS } from "../agents/dialect.ts";
import { PLACEHOLDERS } from "../knowledge/fact.ts";
import { compileTrigger } from "../knowledge/triggers/compileTrigger.ts";
import { isPreferredModel, type ModelName } from "./agentTools.ts";

/** What agent files may name where these tools and models are available, besides what is there everywhere. */
export function agentWords(tools: readonly string[], models: readonly ModelName[]): KnownWords {
  return {
    tools: [...new Set([...VSCODE_TOOL_SETS, ...tools, ...OLD_VSCODE_TOOLS])],
    placeholders: PLACEHOLDERS,
    explainTrigger(wording) {
      const trigger = compileTrigger(wording);
      return trigger.kind === "unknown" ? trigger.message : undefined;
    },
    ...(models.length === 0
      ? {}
      : {
          models: {
            names: [...new Set(models.map(({ name }) => name))],
            isMet: (preference) => models.some((model) => isPreferredModel([preference], model)),
          },
        }),
  };
}
