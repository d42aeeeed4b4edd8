import { parseDocument, visit } from "yaml";
import * as z from "zod";

/** Where a deployment would go, as far as files and the environment of this machine tell. */
export type DeployPlace = {
  /** Kubernetes' current context; absent where no configuration names one. */
  cluster?: { name: string; context: string; server?: string; namespace?: string };
  /** Metaflow takes its own setting, not that of the context. */
  namespace: { name: string; reason: string };
  /** The store that remote steps can reach. */
  datastore?: { type: "s3" | "azure" | "gs"; root: string; isDefault: boolean };
  /** Account and region as the names of roles and queues say them. */
  aws: {
    account?: string;
    region?: string;
    queue?: string;
    hasStepFunctionsRole: boolean;
    /** The role that a job on Batch has while it runs. */
    hasTaskRole: boolean;
    /** The role with which EventBridge starts a scheduled flow. */
    hasScheduleRole: boolean;
    /** The table where Step Functions looks how many tasks a foreach has. */
    hasForeachTable: boolean;
  };
};

/** The settings of Metaflow: `METAFLOW_…` of the environment, else of its configuration file. */
type Settings = (name: string) => string | undefined;

export type PlaceFacts = {
  environment: Readonly<Record<string, string | undefined>>;
  /** `config.json` of Metaflow, or of its profile. */
  metaflowConfig?: string | undefined;
  /** The kube configurations, in the order of KUBECONFIG. */
  kubeConfigs: readonly string[];
};

export function readDeployPlace({ environment, metaflowConfig, kubeConfigs }: PlaceFacts): DeployPlace {
  const setting = settingsOf(environment, metaflowConfig);
  const cluster = readCluster(kubeConfigs);
  const named = setting("KUBERNETES_NAMESPACE");
  return {
    ...(cluster ? { cluster } : {}),
    namespace:
      named === undefined
        ? { name: "default", reason: "Metaflow's default, since METAFLOW_KUBERNETES_NAMESPACE is not set" }
        : { name: named, reason: "METAFLOW_KUBERNETES_NAMESPACE" },
    ...datastoreOf(setting),
    aws: awsOf(setting, environment),
  };
}

/** JSON is YAML, so one reader does. A file with mistakes says nothing. */
function plainYaml(text: string): unknown {
  const document = parseDocument(text);
  let hasAlias = false;
  visit(document, { Alias: () => ((hasAlias = true), visit.BREAK) });
  // Neither program writes aliases, and a few of them can stand for more data than fits anywhere.
  return document.errors.length > 0 || hasAlias ? undefined : document.toJS();
}

const configSchema = z.record(z.string(), z.unknown());

function settingsOf(environment: PlaceFacts["environment"], config: string | undefined): Settings {
  const parsed = configSchema.safeParse(plainYaml(config ?? "")).data ?? {};
  return (name) => {
    const value = environment[`METAFLOW_${name}`] ?? parsed[`METAFLOW_${name}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
}

const STORES = ["s3", "azure", "gs"] as const;

function datastoreOf(setting: Settings): Pick<DeployPlace, "datastore"> {
  const standard = setting("DEFAULT_DATASTORE");
  const found = STORES.flatMap((type) => {
    const root = setting(`DATASTORE_SYSROOT_${type.toUpperCase()}`);
    return root === undefined ? [] : [{ type, root, isDefault: standard === type }];
  });
  const datastore = found.find(({ isDefault }) => isDefault) ?? found[0];
  return datastore ? { datastore } : {};
}

/** `arn:aws:batch:us-east-1:123456789012:job-queue/training`: service, region, account, resource. */
const ARN = /^arn:[\w-]+:[\w-]+:([\w-]*):(\d*):(.+)$/;

function awsOf(setting: Settings, environment: PlaceFacts["environment"]): DeployPlace["aws"] {
  const queue = setting("BATCH_JOB_QUEUE");
  const role = setting("SFN_IAM_ROLE");
  const parts = [queue, role].map((each) => ARN.exec(each ?? ""));
  const region =
    environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? parts.map((each) => each?.[1]).find(Boolean);
  const account = parts.map((each) => each?.[2]).find(Boolean);
  return {
    ...(account ? { account } : {}),
    ...(region ? { region } : {}),
    ...(queue === undefined ? {} : { queue: queue.split("/").at(-1) ?? queue }),
    hasStepFunctionsRole: role !== undefined,
    hasTaskRole: setting("ECS_S3_ACCESS_IAM_ROLE") !== undefined,
    hasScheduleRole: setting("EVENTS_SFN_ACCESS_IAM_ROLE") !== undefined,
    hasForeachTable: setting("SFN_DYNAMO_DB_TABLE") !== undefined,
  };
}

const kubeSchema = z.object({
  "current-context": z.string().optional().catch(undefined),
  contexts: z
    .array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), namespace: z.string().optional() }) }))
    .catch([]),
  clusters: z.array(z.object({ name: z.string(), cluster: z.object({ server: z.string().optional() }) })).catch([]),
});

/** As kubectl merges several files: the first that says something wins. Nothing secret of them is kept. */
function readCluster(texts: readonly string[]): DeployPlace["cluster"] {
  const configs = texts.flatMap((text) => kubeSchema.safeParse(plainYaml(text)).data ?? []);
  const current = configs.map((config) => config["current-context"]).find((name) => name !== undefined && name !== "");
  const context = configs.flatMap(({ contexts }) => contexts).find(({ name }) => name === current)?.context;
  if (current === undefined || context === undefined) {
    return undefined;
  }
  const server = configs.flatMap(({ clusters }) => clusters).find(({ name }) => name === context.cluster)
    ?.cluster.server;
  return {
    name: context.cluster,
    context: current,
    ...(server === undefined ? {} : { server }),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
  };
}
