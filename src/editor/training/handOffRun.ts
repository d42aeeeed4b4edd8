import * as vscode from "vscode";
import type { Handoff } from "../../core/agents/agentDefinition.ts";
import type { Run } from "../../core/training/runRecord.ts";

/** The agent whose handoffs a run has. */
const RUN_AGENT = "ml-trainer";

/** The handoffs of the training agent, those that reach a participant first. */
export type LoadHandoffs = (agent: string) => Promise<readonly Handoff[]>;

/** Asks where the work goes on, and hands the run over with its context. */
export async function handOffRun(run: Run, loadHandoffs: LoadHandoffs): Promise<void> {
  const rows = (await loadHandoffs(RUN_AGENT)).map((handoff) => ({
    label: handoff.label,
    description: `@${handoff.agent}`,
    detail: handoff.prompt,
    handoff,
  }));
  const picked = await vscode.window.showQuickPick(rows, { title: `Hand off ${run.record.plan.title} to…` });
  if (picked) {
    await handOver(run, picked.handoff);
  }
}

/** Hands a run over; `trainyard.handoff` collects its context. */
export async function handOver(run: Run, { label, agent, prompt, send }: Handoff): Promise<void> {
  const { describeRunInList } = await import("../../core/training/describeRun.ts");
  await vscode.commands.executeCommand("trainyard.handoff", {
    from: RUN_AGENT,
    to: agent,
    label,
    prompt,
    send,
    runId: run.record.id,
    summary: `${run.record.plan.title}: ${describeRunInList(run)}`,
  });
}

/** The handoff that the notice of an ended run offers: the first one that reaches an agent which is there. */
export async function nextHandoff(loadHandoffs: LoadHandoffs): Promise<Handoff | undefined> {
  return (await loadHandoffs(RUN_AGENT))[0];
}
