import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ArgoManifest, readManifestOutput } from "../../../core/metaflow/deploy/manifestOutput.ts";
import { metaflowUser } from "../../../core/metaflow/metaflowUser.ts";
import { runMetaflow } from "../runMetaflow.ts";
import { openLoopbackStore } from "./loopbackStore.ts";

/** Where objects would go if the person has no store yet; it only shows in the manifest. */
const PLACEHOLDER_ROOT = "s3://your-bucket/metaflow";

// Importing torch from a cold disk, then compiling a thousand steps.
const TIMEOUT_MS = 300_000;

export type ManifestRequest = {
  python: string;
  file: string;
  /** Options before the command, for example `--environment=pypi`. */
  options: readonly string[];
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
};

/**
 * The WorkflowTemplate that Metaflow would give to Argo Workflows, compiled without any network: what Metaflow uploads on the
 * way goes to a store on this machine that is gone afterwards. It executes the file with `python`, so it may only
 * follow an explicit wish of the person, in a trusted workspace. Throws UserError where Metaflow cannot do it, with
 * what it lacks.
 */
export async function renderManifest(request: ManifestRequest): Promise<ArgoManifest> {
  await using store = await openLoopbackStore();
  const scratch = await mkdtemp(join(tmpdir(), "trainyard-manifest-"));
  try {
    const output = await runMetaflow(request.python, request.file, {
      args: [
        "--quiet",
        "--no-pylint",
        "--metadata=local",
        "--datastore=s3",
        ...request.options,
        "argo-workflows",
        "create",
        "--only-json",
      ],
      environment: manifestEnvironment(request.environment, { endpoint: store.url, scratch }),
      timeoutMs: TIMEOUT_MS,
      signal: request.signal,
    });
    return readManifestOutput(output, {
      python: request.python,
      placeholders: new Map([[store.url, request.environment["METAFLOW_S3_ENDPOINT_URL"] ?? ""]]),
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The person's own settings of Metaflow hold, but nothing is asked or sent beyond this machine. */
function manifestEnvironment(
  environment: NodeJS.ProcessEnv,
  { endpoint, scratch }: { endpoint: string; scratch: string },
): NodeJS.ProcessEnv {
  // A profile or a session of the person must not meet the key that is made up here.
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _session, ...kept } = environment;
  const noProxy = ["127.0.0.1", environment["NO_PROXY"] ?? environment["no_proxy"]].filter(Boolean).join(",");
  return {
    ...kept,
    ...metaflowUser(environment),
    METAFLOW_S3_ENDPOINT_URL: endpoint,
    METAFLOW_DATASTORE_SYSROOT_S3: environment["METAFLOW_DATASTORE_SYSROOT_S3"] ?? PLACEHOLDER_ROOT,
    METAFLOW_DATASTORE_SYSROOT_LOCAL: scratch,
    AWS_ACCESS_KEY_ID: "trainyard",
    AWS_SECRET_ACCESS_KEY: "trainyard",
    AWS_DEFAULT_REGION: environment["AWS_DEFAULT_REGION"] ?? "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
  };
}
