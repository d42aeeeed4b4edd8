import { type AgentCatalog, findAgent } from "../agents/agentCatalog.ts";
import { isAgentName } from "../agents/agentName.ts";
import { agentTemplatePath } from "../agents/agentTemplate.ts";
import { builtInAgent } from "../agents/dialect.ts";

/** Where a handoff goes. `custom-agent`: one that the chat lists, also of VS Code itself. `missing` never ends the way: somebody can take over, or the agent can be created. */
export type HandoffTarget =
  | { kind: "participant"; name: string }
  | { kind: "custom-agent"; name: string }
  | { kind: "missing"; name: string; alternatives: readonly HandoffAlternative[] };

export type HandoffAlternative =
  | { kind: "participant"; name: string; reason: string }
  | { kind: "create"; name: string; path: string };

/** Who is nearest to an agent that does not exist: [part of its name, who, why]. The first match decides. */
const NEAREST: readonly (readonly [RegExp, string, string])[] = [
  [/eval|bench|metric/, "ml-trainer", "validates models and compares checkpoints"],
  [/data|feature|prep/, "ml-trainer", "knows the data loading of the training"],
  [/perf|optim|speed|profil/, "ml-trainer", "measures and tunes training"],
  [/devops|deploy|infra|ops|monitor|observ/, "mlops-engineer", "deploys, schedules and monitors"],
  [/test|qa/, "metaflow-agent", "tests flows and their steps"],
  [/doc|writ/, "metaflow-agent", "documents flows and their results"],
  [/flow|pipeline/, "metaflow-agent", "builds flows"],
  [/train|model/, "ml-trainer", "trains models"],
];

/**
 * A participant runs our own code, so it comes before a custom agent of the same name; an agent of a file comes before the
 * one of VS Code that is written alike.
 */
export function resolveHandoffTarget(
  name: string,
  participants: readonly string[],
  catalog: AgentCatalog,
): HandoffTarget {
  if (participants.includes(name)) {
    return { kind: "participant", name };
  }
  const ofChat = findAgent(catalog, name) === undefined ? builtInAgent(name) : name;
  if (ofChat !== undefined) {
    return { kind: "custom-agent", name: ofChat };
  }
  return {
    kind: "missing",
    name,
    alternatives: [...whoCanTakeOver(name, { participants, catalog }), ...creation(name)],
  };
}

function whoCanTakeOver(
  name: string,
  present: { participants: readonly string[]; catalog: AgentCatalog },
): HandoffAlternative[] {
  const nearest = NEAREST.find(([pattern]) => pattern.test(name.toLowerCase()));
  return present.participants
    .map((participant): HandoffAlternative & { kind: "participant" } => ({
      kind: "participant",
      name: participant,
      reason:
        nearest?.[1] === participant
          ? nearest[2]
          : (findAgent(present.catalog, participant)?.definition.description ?? ""),
    }))
    .toSorted((a, b) => Number(b.name === nearest?.[1]) - Number(a.name === nearest?.[1]));
}

/** A name that cannot be a file name gets no template. */
function creation(name: string): HandoffAlternative[] {
  return isAgentName(name) ? [{ kind: "create", name, path: agentTemplatePath(name) }] : [];
}
