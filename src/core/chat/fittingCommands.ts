/** What decides which commands make sense in a workspace now. */
export type WorkspaceSituation = {
  hasRuns: boolean;
  /** A run that has not ended. */
  isTraining: boolean;
  hasFlows: boolean;
  /** A guided workflow of the participant that was asked is under way. */
  hasWorkflow: boolean;
};

type Need = keyof WorkspaceSituation;

/** Act on a workflow that is under way and on nothing else. */
const WORKFLOW_COMMANDS = ["status", "approve", "revise", "skip", "back"];

/** The commands that are named first, per participant and by what they need. */
const OFFERS: Readonly<Record<string, readonly (readonly [command: string, ...needs: Need[]])[]>> = {
  "ml-trainer": [
    ["status", "hasWorkflow"],
    ["approve", "hasWorkflow"],
    ["runs", "hasRuns"],
    ["stop", "isTraining"],
    ["monitor", "hasRuns"],
    ["train"],
    ["evaluate", "hasRuns"],
    ["resume", "hasRuns"],
    ["data"],
    ["sweep"],
    ["gpus"],
    ["develop"],
  ],
  "metaflow-agent": [
    ["check", "hasFlows"],
    ["run", "hasFlows"],
    ["runs", "hasFlows"],
    ["results", "hasFlows"],
    ["scaffold"],
    ["test", "hasFlows"],
    ["document", "hasRuns"],
    ["graph", "hasFlows"],
    ["deploy", "hasFlows"],
  ],
  "mlops-engineer": [
    ["status", "hasWorkflow"],
    ["approve", "hasWorkflow"],
    ["facts"],
    ["agents"],
    ["receipt", "hasRuns"],
    ["deploy", "hasFlows"],
    ["pipeline"],
    ["memory"],
    ["mcp"],
  ],
};

const MAX_OFFERED = 6;

/** Names of the commands of a participant that fit now, best first: few enough to be read at a glance. */
export function fittingCommandNames(participant: string, situation: WorkspaceSituation): string[] {
  return (OFFERS[participant] ?? [])
    .filter(([, ...needs]) => needs.every((need) => situation[need]))
    .slice(0, MAX_OFFERED)
    .map(([name]) => name);
}

/** Whether a command can do anything at all now. */
export function isPossible(command: { name: string }, { hasWorkflow }: WorkspaceSituation): boolean {
  return hasWorkflow || !WORKFLOW_COMMANDS.includes(command.name);
}
