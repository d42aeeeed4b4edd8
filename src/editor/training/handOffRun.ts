import * as vscode from "vscode";
import type { Handoff } from "../../core/agents/agentDefinition.ts";
import type { Run } from "../../core/training/runRecord.ts";

/** The agent whose handoffs a run has. */
const RUN_AGENT = "ml-trainer";

/** The handoffs of an agent that reach a participant or an installed agent. */
export type LoadHandoffs = (agent: string) => Promise<readonly Handoff[]>;

/** Asks where the work goes on, and hands the run over with its context. */
export async function handOffRun(run: Run): Promise<void> {
  await vscode.commands.executeCommand("trainyard.handoff", { choose: true, ...(await contextOf(run)) });
}

/** Hands a run over; `trainyard.handoff` collects the rest of its context. */
export async function handOver(run: Run, { label, agent, prompt, send }: Handoff): Promise<void> {
  const handoff = { ...(await contextOf(run)), to: agent, label, prompt, send };
  await vscode.commands.executeCommand("trainyard.handoff", handoff);
}

async function contextOf(run: Run) {
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  const summary = `${run.record.plan.title}: ${describeRunInList(run)}`;
  return { from: RUN_AGENT, runId: run.record.id, summary };
}

/** The handoff that the notice of an ended run offers: the first one that reaches an agent which is there. */
export async function nextHandoff(loadHandoffs: LoadHandoffs): Promise<Handoff | undefined> {
  return (await loadHandoffs(RUN_AGENT))[0];
}
