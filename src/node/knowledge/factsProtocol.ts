import type { WorkspaceFacts } from "../../core/knowledge/fact.ts";
import type { PlaceholderSettings } from "../../core/knowledge/factOverrides.ts";
import type { AgentTriggers, RankedAgent } from "../../core/knowledge/triggers/rankAgents.ts";

/** What a worker is asked: facts of its folder, after it has read anew what changed. */
export type FactsRequest = {
  id: number;
  /** Files and folders, relative to the workspace folder. */
  changed: readonly string[];
  /** Read everything anew. */
  rescan: boolean;
  settings: PlaceholderSettings;
  /** Whose triggers are compared with the workspace. */
  agents: readonly AgentTriggers[];
};

export type FactsReply = {
  id: number;
  facts: WorkspaceFacts;
  ranking: readonly RankedAgent[];
  /** How many files were read since the worker began. */
  filesRead: number;
  /** How long the worker took. */
  milliseconds: number;
};

/** Files that another thread reads, relative to the workspace folder. */
export type ReadingRequest = { id: number; paths: readonly string[] };

/** What each of them says or null, as JSON: a third of the time in which threads copy so many small objects. */
export type ReadingReply = { id: number; readings: string };
