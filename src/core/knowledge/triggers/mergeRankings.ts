import { type FactSource, formatSource } from "../fact.ts";
import type { RankedAgent } from "./rankAgents.ts";

/** What speaks for an agent, with the file that shows it. */
export type AgentEvidence = {
  found: string;
  /** The wording of the trigger. */
  trigger: string;
  folder: string;
  source: FactSource;
};

/** How well an agent fits the workspace; `score` is 0 where nothing speaks for it. */
export type AgentStanding = { name: string; score: number; evidence: readonly AgentEvidence[] };

/** The ranking of a window with several folders: what fits one of them well fits the window. */
export function mergeRankings(
  folders: readonly { folder: string; ranking: readonly RankedAgent[] }[],
): readonly AgentStanding[] {
  const standings = new Map<string, AgentStanding>();
  for (const { folder, ranking } of folders) {
    for (const { name, score, matches } of ranking) {
      const known = standings.get(name);
      standings.set(name, {
        name,
        score: Math.max(score, known?.score ?? 0),
        evidence: [...(known?.evidence ?? []), ...matches.map((match) => ({ ...match, folder }))],
      });
    }
  }
  return [...standings.values()].toSorted((a, b) => b.score - a.score);
}

/** `torch in dependencies (requirements.txt:3)` */
export function describeEvidence({ found, source }: AgentEvidence): string {
  const place = formatSource(source);
  return found.startsWith(place) || found.startsWith(source.path) ? found : `${found} (${place})`;
}
