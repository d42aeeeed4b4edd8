import { packageEnvironment } from "../flowNeeds.ts";
import type { Flow } from "../graph/linkFlow.ts";
import type { DeployPlace } from "./deployPlace.ts";

export const deployTargetIds = ["argo-workflows", "step-functions", "kubernetes", "batch"] as const;

/** The first two keep a flow and start it by themselves; the others run it once, from here, on their machines. */
export type DeployTargetId = (typeof deployTargetIds)[number];

type DeployTarget = {
  label: string;
  description: string;
  /** How people call it when they do not know the command. */
  words: RegExp;
  isOnKubernetes: boolean;
  /** After the options that every command takes. */
  command: readonly string[];
  /** Starts what was deployed; absent where the command itself runs the flow. */
  start?: readonly string[];
};

export const deployTargets: Readonly<Record<DeployTargetId, DeployTarget>> = {
  "argo-workflows": {
    label: "Argo Workflows",
    description: "keeps the flow in a Kubernetes cluster, and starts it by schedule or event",
    words: /\bargo\b/i,
    isOnKubernetes: true,
    command: ["argo-workflows", "create"],
    start: ["argo-workflows", "trigger"],
  },
  "step-functions": {
    label: "AWS Step Functions",
    description: "keeps the flow in AWS, its steps run on AWS Batch",
    words: /\bstep[- ]?functions?\b|\bsfn\b/i,
    isOnKubernetes: false,
    command: ["step-functions", "create"],
    start: ["step-functions", "trigger"],
  },
  kubernetes: {
    label: "Kubernetes, once",
    description: "runs the flow now: the scheduler is this machine, each step is a pod",
    words: /\b(?:kubernetes|k8s)\b/i,
    isOnKubernetes: true,
    command: ["run", "--with", "kubernetes"],
  },
  batch: {
    label: "AWS Batch, once",
    description: "runs the flow now: the scheduler is this machine, each step is a job",
    words: /\bbatch\b/i,
    isOnKubernetes: false,
    command: ["run", "--with", "batch"],
  },
};

/** The target that a text names. */
export function namedTarget(text: string): DeployTargetId | undefined {
  return deployTargetIds.find((id) => deployTargets[id].words.test(text));
}

/** What Metaflow's command line takes before a command, so that a flow finds its packages and its store remotely. */
export function deployOptions(flow: Flow, place: DeployPlace | undefined): string[] {
  const environment = packageEnvironment(flow);
  const store = place?.datastore;
  return [
    ...(environment === undefined ? [] : [`--environment=${environment}`]),
    ...(store && !store.isDefault ? [`--datastore=${store.type}`] : []),
  ];
}

/** The arguments after the file that deploy a flow, or run it remotely. */
export function deployCommand(flow: Flow, id: DeployTargetId, place: DeployPlace | undefined): string[] {
  return [...deployOptions(flow, place), ...deployTargets[id].command];
}

/** The same for a start of what was deployed. */
export function startCommand(flow: Flow, id: DeployTargetId, place: DeployPlace | undefined): string[] | undefined {
  const { start } = deployTargets[id];
  return start && [...deployOptions(flow, place), ...start];
}
