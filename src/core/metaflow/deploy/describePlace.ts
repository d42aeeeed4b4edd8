import type { DeployPlace } from "./deployPlace.ts";
import { type DeployTargetId, deployTargets } from "./deployTarget.ts";

/** Where a target would put a flow, a line for each part; what cannot be known is said to be unknown. */
export function describePlace(id: DeployTargetId, place: DeployPlace): string[] {
  const store = place.datastore
    ? `Datastore: ${place.datastore.root}`
    : "Datastore: none that a remote step could reach";
  return [...(deployTargets[id].isOnKubernetes ? kubernetesLines(place) : awsLines(id, place)), store];
}

function kubernetesLines({ cluster, namespace }: DeployPlace): string[] {
  const server = cluster?.server === undefined ? "" : ` at ${cluster.server}`;
  const other =
    cluster?.namespace !== undefined && cluster.namespace !== namespace.name
      ? `; the context itself names ${cluster.namespace}, which Metaflow does not read`
      : "";
  return [
    cluster
      ? `Cluster: ${cluster.name}${server} (context ${cluster.context})`
      : "Cluster: unknown, no kube configuration names a current context",
    `Namespace: ${namespace.name} (${namespace.reason}${other})`,
  ];
}

function awsLines(id: DeployTargetId, { aws }: DeployPlace): string[] {
  return [
    `AWS account: ${aws.account ?? "unknown, whatever the credentials of this shell belong to"}`,
    `Region: ${aws.region ?? "unknown, the default of the AWS profile"}`,
    `Batch queue: ${aws.queue ?? "unknown, METAFLOW_BATCH_JOB_QUEUE is not set"}`,
    ...(id === "step-functions" && !aws.hasStepFunctionsRole ? ["Role: none, METAFLOW_SFN_IAM_ROLE is not set"] : []),
  ];
}

/** What is missing so that a deployment could only fail; nothing where it may work. */
export function placeProblem(id: DeployTargetId, place: DeployPlace): string | undefined {
  if (!place.datastore) {
    return "Metaflow knows no datastore but the local one, which no remote step reaches. Set METAFLOW_DATASTORE_SYSROOT_S3 (or _AZURE, _GS) in the environment, or run `metaflow configure`.";
  }
  if (!deployTargets[id].isOnKubernetes && place.datastore.type !== "s3") {
    return `${deployTargets[id].label} needs a datastore on S3, and this one is ${place.datastore.root}.`;
  }
  if (id === "step-functions" && !place.aws.hasStepFunctionsRole) {
    return "Step Functions runs a flow with a role, and METAFLOW_SFN_IAM_ROLE is not set. Run `metaflow configure aws`.";
  }
  return undefined;
}
