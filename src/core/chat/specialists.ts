import type { ParticipantName } from "./participantNames.ts";

/** Who speaks for a custom agent where no language model can: a participant, by a command where it has one. */
export type Spokesman = { participant: ParticipantName; command?: string };

const SHIPPED = {
  "eval-agent": { participant: "ml-trainer", command: "evaluate" },
  "performance-agent": { participant: "ml-trainer", command: "optimize" },
  "data-prep": { participant: "ml-trainer", command: "data" },
  "data-engineer": { participant: "ml-trainer", command: "data" },
  "data-scientist": { participant: "ml-trainer", command: "data" },
  "test-agent": { participant: "metaflow-agent", command: "test" },
  "docs-agent": { participant: "metaflow-agent", command: "document" },
  "devops-agent": { participant: "mlops-engineer", command: "deploy" },
  "kubernetes-architect": { participant: "mlops-engineer", command: "deploy" },
  "observability-engineer": { participant: "mlops-engineer" },
  "ml-architect": { participant: "ml-trainer" },
  "ml-engineer": { participant: "ml-trainer" },
  "ml-explorer": { participant: "ml-trainer" },
  "ml-reviewer": { participant: "ml-trainer" },
  "ml-writer": { participant: "metaflow-agent" },
  "python-pro": { participant: "metaflow-agent" },
} as const satisfies Record<string, Spokesman>;

const SPOKESMEN: Readonly<Record<string, Spokesman>> = SHIPPED;

/** An agent that comes with Trainyard. */
export type ShippedAgent = ParticipantName | keyof typeof SHIPPED;

/** Undefined for an agent of the workspace: what it does only its own instructions say, and a model reads those. */
export function findSpokesman(agent: string): Spokesman | undefined {
  return Object.hasOwn(SPOKESMEN, agent) ? SPOKESMEN[agent] : undefined;
}
