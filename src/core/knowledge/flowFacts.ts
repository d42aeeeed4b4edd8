import { quoteWord } from "../base/shellWord.ts";
import { type Evidence, type Located, statementsOf } from "./evidence.ts";
import type { Fact, Placeholder } from "./fact.ts";
import { byNearness } from "./nearness.ts";

/**
 * The flows of the project, nearest to the top first, and the commands that run, resume, show and deploy the first of them
 * that can run.
 */
export function flowFacts(evidence: Evidence): Fact[] {
  const flows = statementsOf(evidence, "flow").toSorted((a, b) => byNearness(a.source.path, b.source.path));
  const named = flows.map(
    ({ name, source, brokenAt }): Fact => ({
      key: "flow",
      value: name,
      why: brokenAt === undefined ? "derives from FlowSpec" : `does not parse from line ${brokenAt + 1} on`,
      source,
      confidence: "declared",
    }),
  );
  const flow = flows.find(({ brokenAt }) => brokenAt === undefined);
  return flow ? [...named, ...flowCommands(flow), ...deployCommand(evidence, flow)] : named;
}

/** Metaflow has no command that lists runs or shows results, so the client does. */
function flowCommands({ name, source }: Located<"flow">): Fact[] {
  const client = "from metaflow import Flow, namespace; namespace(None);";
  const list = `${client} [print(run.id, run.finished_at, run.successful) for run in Flow('${name}')]`;
  const show = `${client} run = Flow('${name}').latest_successful_run; print(run, run.data)`;
  const commands: readonly (readonly [Placeholder, string])[] = [
    ["run_flow_command", `python ${quoteWord(source.path)} run`],
    ["resume_flow_command", `python ${quoteWord(source.path)} resume --origin-run-id <run id>`],
    ["show_results_command", `python -c "${show}"`],
    ["list_runs_command", `python -c "${list}"`],
  ];
  return commands.map(([key, value]) => ({ key, value, why: `defines ${name}`, source, confidence: "likely" }));
}

/** Only where the flow itself says on what it runs: a guess would deploy to the wrong place. */
function deployCommand(evidence: Evidence, { source }: Located<"flow">): Fact[] {
  for (const decorator of statementsOf(evidence, "decorator")) {
    const target = SCHEDULERS.get(decorator.name);
    if (target !== undefined && decorator.source.path === source.path) {
      const value = `python ${quoteWord(source.path)} ${target} create`;
      return [
        {
          key: "deploy_flow_command",
          value,
          why: `uses @${decorator.name}`,
          source: decorator.source,
          confidence: "likely",
        },
      ];
    }
  }
  return [];
}

const SCHEDULERS: ReadonlyMap<string, string> = new Map([
  ["kubernetes", "argo-workflows"],
  ["trigger", "argo-workflows"],
  ["trigger_on_finish", "argo-workflows"],
  ["exit_hook", "argo-workflows"],
  ["batch", "step-functions"],
]);

const ENVIRONMENTS: ReadonlyMap<string, string> = new Map([
  ["kubernetes", "Kubernetes"],
  ["batch", "AWS Batch"],
]);

/** Where code runs: what a flow says, what scripts and images say, else the environment in the workspace. */
export function environmentFacts(evidence: Evidence): Fact[] {
  const key = "execution_environment";
  const fromFlows = statementsOf(evidence, "decorator").flatMap(({ name, source }): Fact[] => {
    const value = ENVIRONMENTS.get(name);
    return value === undefined ? [] : [{ key, value, why: `uses @${name}`, source, confidence: "declared" }];
  });
  const written = statementsOf(evidence, "environment").map(
    ({ value, why, source }): Fact => ({ key, value, why, source, confidence: "declared" }),
  );
  const local = statementsOf(evidence, "python")
    .filter(({ standing }) => standing === "installed")
    .map(({ value, source }): Fact => {
      const folder = source.path.slice(0, Math.max(0, source.path.lastIndexOf("/")));
      return {
        key,
        value: `local, Python ${value} in ${folder}`,
        why: "is a virtual environment",
        source,
        confidence: "installed",
      };
    });
  return [...fromFlows, ...written, ...local];
}
