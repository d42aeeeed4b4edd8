import { existsSync } from "node:fs";
import * as path from "node:path";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import type { Boundary } from "../../core/agents/boundaries.ts";
import type { Flow } from "../../core/metaflow/graph/linkFlow.ts";
import type { LaunchRules } from "../../core/tools/confirmedLaunch.ts";
import type { LaunchEvidence, LaunchToJudge } from "../../core/training/audit/launchRules.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";

/** The rules of the agents that a plan touches, as sentences with what was seen and where. Reads texts only. */
export async function judgePlan(
  plan: LaunchPlan,
  workspaceFolder: string,
  { loadCatalog, signal }: { loadCatalog: () => Promise<AgentCatalog>; signal: AbortSignal },
): Promise<LaunchRules> {
  const { judgeLaunch } = await import("../../core/training/audit/launchRules.ts");
  const { auditScript } = await import("../../node/training/auditScript.ts");
  const flow = plan.kind === "flow" ? await readFlow(plan.script, workspaceFolder) : undefined;
  const { refusals, askFirst } = judgeLaunch({
    audits: await auditScript(plan.script, workspaceFolder, signal),
    given: plan.command.slice(1),
    exists: (file) => existsSync(path.resolve(plan.cwd, file)),
    ...(flow ? { flow } : {}),
  });
  const catalog = await loadCatalog();
  const name = (each: LaunchEvidence) => nameRule(each, catalog);
  // What is asked about is refused where an agent of the workspace may never do it.
  const forbidden = askFirst.filter(({ check }) => strictestRule(check, catalog)?.kind === "never");
  const asked = askFirst.filter((each) => !forbidden.includes(each));
  return { refusals: [...refusals, ...forbidden].map(name), askFirst: asked.map(name) };
}

async function readFlow(script: string, workspaceFolder: string): Promise<LaunchToJudge["flow"]> {
  const { inspectFlowFile } = await import("../../node/metaflow/inspectFlow.ts");
  const report = await inspectFlowFile({ path: script, roots: [workspaceFolder] });
  const steps = report?.flows.flatMap((flow) => flow.steps) ?? [];
  return (
    report && {
      path: path.relative(workspaceFolder, script),
      findings: report.findings.map(({ code, range }) => ({ code, line: range.start.line })),
      remote: remoteSteps(report.flows),
      hasForeach: steps.some(({ source: { tail } }) => tail.kind === "next" && tail.transition.kind === "foreach"),
    }
  );
}

/** Steps that run on a cluster whatever the command says, each as it is written, with its line. */
function remoteSteps(flows: readonly Flow[]): { decorator: string; line: number }[] {
  return flows
    .flatMap(({ steps }) => steps.flatMap(({ decorators }) => decorators))
    .flatMap(({ origin, source }) =>
      origin.kind === "metaflow" && /^(?:kubernetes|batch)$/.test(origin.name)
        ? [{ decorator: `@${origin.name}`, line: source.line }]
        : [],
    );
}

const TITLES = { always: "Always", "ask-first": "Ask first", never: "Never" } as const;

/** The rule in the words of the agent that has it. A check holds also where a file of the workspace left its rule out. */
function nameRule({ check, evidence }: LaunchEvidence, catalog: AgentCatalog): string {
  const boundary = strictestRule(check, catalog);
  const rule = boundary ? `${TITLES[boundary.kind]}: ${boundary.rule.replace(/\.$/, "")}` : `Rule ${check}`;
  return `${rule} (${evidence.replace(/\.$/, "")}).`;
}

function strictestRule(check: string, { agents }: AgentCatalog): Boundary | undefined {
  const rules = agents
    .flatMap(({ definition }) => definition.boundaries)
    .filter((each) => each.check === check && each.kind !== "always");
  return rules.find(({ kind }) => kind === "never") ?? rules[0];
}
