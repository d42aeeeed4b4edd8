import type { Evidence } from "../evidence.ts";
import { compileTrigger, type Detector } from "./compileTrigger.ts";
import { matchDetector, type TriggerMatch } from "./matchDetector.ts";

export type AgentTriggers = { name: string; triggers: readonly string[] };

/** An agent with what in the workspace speaks for it, the strongest first; `score` is 0 where nothing does. */
export type RankedAgent = { name: string; score: number; matches: readonly (TriggerMatch & { trigger: string })[] };

/** What somebody wrote down for a purpose tells more than a name that many things have. */
const WEIGHTS: Readonly<Record<Detector["kind"], number>> = {
  dependency: 3,
  decorator: 3,
  import: 2,
  folder: 1,
  glob: 1,
};

/** Best first; among equals the given order. A trigger that is not understood counts as not fired. */
export function rankAgents(agents: readonly AgentTriggers[], evidence: Evidence): RankedAgent[] {
  return agents
    .map(({ name, triggers }): RankedAgent => {
      const fired = triggers.flatMap((trigger) => fire(trigger, evidence) ?? []);
      const score = fired.reduce((sum, { weight }) => sum + weight, 0);
      return {
        name,
        score,
        matches: fired.toSorted((a, b) => b.weight - a.weight).map(({ match, trigger }) => ({ ...match, trigger })),
      };
    })
    .toSorted((a, b) => b.score - a.score);
}

function fire(
  trigger: string,
  evidence: Evidence,
): { trigger: string; weight: number; match: TriggerMatch } | undefined {
  const compiled = compileTrigger(trigger);
  for (const detector of compiled.kind === "compiled" ? compiled.detectors : []) {
    const match = matchDetector(detector, evidence);
    if (match !== undefined) {
      return { trigger, weight: WEIGHTS[detector.kind], match };
    }
  }
  return undefined;
}
