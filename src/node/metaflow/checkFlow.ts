import { type CheckOutput, type FlowCheck, parseCheckOutput } from "../../core/metaflow/flowCheck.ts";
import { metaflowUser } from "../../core/metaflow/metaflowUser.ts";
import { runMetaflow } from "./runMetaflow.ts";

type CheckFlowOptions = { signal?: AbortSignal; timeoutMs?: number };

// Importing torch from a cold disk can take most of a minute.
const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Metaflow's own `check` of a flow file. It executes the file with `python`, so it may only follow an explicit
 * wish of the person, in a trusted workspace.
 */
export async function checkFlow(python: string, file: string, options: CheckFlowOptions = {}): Promise<FlowCheck> {
  const output: CheckOutput = await runMetaflow(python, file, {
    args: ["--no-pylint", "check"],
    environment: checkEnvironment(process.env),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: options.signal,
  });
  return parseCheckOutput(output, python, file);
}

/** The environment of a check. */
export function checkEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...environment,
    ...metaflowUser(environment),
    // A check looks at the graph; it must not call home or leave bytecode beside the flow.
    METAFLOW_DEFAULT_METADATA: "local",
    METAFLOW_DEFAULT_DATASTORE: "local",
    // Without an environment for packages Metaflow refuses every flow with `@pypi` or `@conda`; a check makes none.
    METAFLOW_DEFAULT_ENVIRONMENT: environment["METAFLOW_DEFAULT_ENVIRONMENT"] ?? "pypi",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
  };
}
