import type { HandoffFacts } from "../../core/chat/handoffPacket.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { displayPath } from "../base/workspace.ts";
import { checkpointToGoOnFrom, type RunCheckpoint } from "./runCheckpoint.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** What a handoff carries of a run: the run itself, the checkpoint to go on from, its metrics, its script. */
export async function collectHandoffFacts(monitor: RunMonitor, runId: string | undefined): Promise<HandoffFacts> {
  await monitor.refresh();
  const run = runId === undefined ? monitor.known.runs[0] : monitor.find(runId);
  if (!run) {
    return {};
  }
  const { record, status } = run;
  const { renderPlanCommand } = await import("../../core/training/renderPlan.ts");
  const checkpoint = await checkpointToGoOnFrom(run);
  const facts: HandoffFacts = {
    files: [{ path: displayPath(record.plan.script) }],
    run: { id: record.id, title: record.plan.title, state: run.state, command: renderPlanCommand(record.plan) },
    // A packet is JSON, and a metric that is not a number is a fact that belongs into words.
    metrics: Object.fromEntries(
      Object.entries(status.progress?.metrics ?? {}).filter(([, value]) => Number.isFinite(value)),
    ),
    openQuestions: [...problemsOf(run), ...record.plan.warnings],
  };
  if (record.plan.kind === "flow") {
    facts.flow = displayPath(record.plan.script);
  }
  if (checkpoint) {
    facts.checkpoint = describeForPacket(checkpoint);
  }
  return facts;
}

function describeForPacket({ entry }: RunCheckpoint): NonNullable<HandoffFacts["checkpoint"]> {
  const { epoch, step } = entry.summary;
  return {
    path: displayPath(entry.path),
    ...(epoch === undefined ? {} : { epoch }),
    ...(step === undefined ? {} : { step }),
  };
}

function problemsOf({ state, status }: Run): string[] {
  const [proof] = status.diagnosis?.evidence ?? [];
  const failure = proof === undefined ? [] : [`The run ${state}: ${proof.text}`];
  const notFinite = Object.entries(status.progress?.metrics ?? {}).filter(([, value]) => !Number.isFinite(value));
  return [...failure, ...notFinite.map(([name, value]) => `The last ${name} was ${value}.`)];
}
