import type { Word } from "../../core/chat/agentCompletion.ts";
import type { AgentFiles } from "./agentFiles.ts";

export type AgentEditingDeps = {
  files: AgentFiles;
  /** Every placeholder with what it is replaced by in this workspace. */
  readPlaceholders: () => Promise<readonly Word[]>;
  /** What a trigger finds in this workspace, as Markdown. */
  explainTrigger: (wording: string) => Promise<string>;
};
