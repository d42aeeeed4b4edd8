import { join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import type { OpenProof } from "../../core/workflow/phaseChecks.ts";
import { describeProof, type Proof } from "../../core/workflow/proof.ts";
import { type Effect, pendingEffects } from "../../core/workflow/workflowEffects.ts";
import type { Actor, WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import { phaseAt, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { workWhileWanted } from "./journalWatch.ts";
import { type EvidencePorts, type MeasuringPlace, measureProof } from "./measureProof.ts";
import { TEST_MINUTES } from "./runTests.ts";
import { takeTaskLease } from "./taskLease.ts";
import { changedTests } from "./testFiles.ts";
import type { WorkflowStore } from "./workflowStore.ts";

/** No task is called so. */
const MEASURING = "_measuring";

const TELL_MS = 30_000;

const ENGINE: Actor = { kind: "engine", name: "Trainyard" };

type Measuring = {
  store: WorkflowStore;
  id: string;
  host: { now(): string; evidence: EvidencePorts; progress(markdown: string): void };
  signal: AbortSignal;
};

/** `obstacle`: why nothing can be measured here, which says nothing of what is measured. */
export type Measured = { isElsewhere: boolean; obstacle?: string };

/**
 * Looks at what checks rest on, one after the other, as long as the workflow waits for it and nothing is in the way. Leaves
 * it to another window that measures: two runs of one test would be in each other's way.
 */
export async function measureProofs(
  measuring: Measuring,
  { proofs }: Extract<Effect, { kind: "measure" }>,
): Promise<Measured> {
  const { store, id, host } = measuring;
  const lease = await takeTaskLease(store.folderOf(id), MEASURING);
  if (lease === undefined) {
    return { isElsewhere: true };
  }
  try {
    host.progress(announce(proofs));
    const runs: MeasuringPlace["runs"] = new Map();
    let goesOn = true;
    while (goesOn) {
      const state = await store.read(id, host.now());
      const open = nextProof(state);
      goesOn = open !== undefined && (await measureNext(measuring, { state, open, runs }));
    }
  } catch (error) {
    if (error instanceof UserError) {
      return { isElsewhere: false, obstacle: error.message };
    }
    throw error;
  } finally {
    await lease.release();
  }
  return { isElsewhere: false };
}

function announce(proofs: readonly OpenProof[]): string {
  const named = (isMeant: (proof: Proof) => boolean) =>
    [...new Set(proofs.flatMap(({ proof }) => (isMeant(proof) ? [describeProof(proof)] : [])))].join("; ");
  const tests = named(({ kind }) => kind === "tests");
  const metrics = named(({ kind }) => kind === "metric");
  return [
    ...(tests === "" ? [] : [`Running ${tests}, at most ${TEST_MINUTES} minutes. Cancel ends it.`]),
    ...(metrics === "" ? [] : [`${tests === "" ? "Looking" : "Then looking"} at ${metrics}.`]),
  ].join(" ");
}

/** Says every half minute that tests still run, so that one that hangs is told from one that takes long. */
async function whileTelling<Result>(host: Measuring["host"], work: () => Promise<Result>): Promise<Result> {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const minutes = Math.floor(ticks / 2);
    host.progress(`Still running after ${minutes}:${ticks % 2 === 0 ? "00" : "30"} of ${TEST_MINUTES}:00 minutes.`);
  }, TELL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

function nextProof(state: WorkflowState): OpenProof | undefined {
  const [effect] = pendingEffects(state);
  return effect?.kind === "measure" ? effect.proofs[0] : undefined;
}

type Next = { state: WorkflowState; open: OpenProof; runs: MeasuringPlace["runs"] };

/** False where the workflow has moved on, or waits for the person again: then nothing more is measured. */
async function measureNext(measuring: Measuring, next: Next): Promise<boolean> {
  const { store, id, host } = measuring;
  const { task, check, proof } = next.open;
  const { round, allowedTests = { files: {} } } = phaseAt(next.state, next.state.current).state;
  const apply = (event: WorkflowEvent) => store.apply(id, { event, by: ENGINE, at: host.now() });
  const changed =
    proof.kind === "tests" ? await changedTests(host.evidence, allowedTests, proof.files) : { files: [], code: [] };
  if (changed.files.length + changed.code.length > 0) {
    await apply({ kind: "tests-changed", ...changed });
    return false;
  }
  const measurement = await measureWhileOpen(measuring, next);
  if (measurement === undefined) {
    return false;
  }
  const { refusal } = await apply({ kind: "proof-measured", task, check, round, proof, measurement });
  if (refusal !== undefined) {
    return false;
  }
  host.progress(`${measurement.status === "passed" ? "✓" : "✗"} ${check}: ${measurement.evidence}`);
  return true;
}

/** Undefined where the workflow was stopped or taken back meanwhile, which ends what runs. */
async function measureWhileOpen({ store, id, host, signal }: Measuring, { state, open, runs }: Next) {
  const folder = store.folderOf(id);
  const { round } = phaseAt(state, state.current).state;
  const holds = async () => {
    const now = await store.read(id, host.now());
    const still = nextProof(now);
    return (
      now.current === state.current &&
      still?.task === open.task &&
      still.check === open.check &&
      phaseAt(now, now.current).state.round === round
    );
  };
  const place = { folder, state, ports: host.evidence, runs };
  const isOfTests = open.proof.kind === "tests";
  let isWanted = true;
  try {
    const measured = await workWhileWanted({ journal: join(folder, "journal.jsonl"), holds, signal }, (ending) => {
      const measure = () => measureProof(place, open, ending);
      return isOfTests ? whileTelling(host, measure) : measure();
    });
    ({ isWanted } = measured);
    return measured.isWanted ? measured.result : undefined;
  } finally {
    if (isOfTests && (signal.aborted || !isWanted)) {
      await noteEnd({ store, id, host, signal }, state);
    }
  }
}

/** Stopping and cancelling end tests for good; after going back there is no run of them to be noted any more. */
async function noteEnd({ store, id, host }: Measuring, before: WorkflowState): Promise<void> {
  const now = await store.read(id, host.now());
  const { round, allowedTests } = now.phases[before.current] ?? {};
  if (now.current === before.current && round === before.phases[before.current]?.round && allowedTests !== undefined) {
    const event = { kind: "tests-ended" as const, phase: before.current };
    await store.apply(id, { event, by: ENGINE, at: host.now() });
  }
}
