import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Run, RunRecord } from "../../src/core/training/runRecord.ts";
import { createRun, readRun } from "../../src/node/training/runLedger.ts";
import { requestStop } from "../../src/node/training/stopRequest.ts";
import { buildPlan, makeWorkspace, supervise, testReceipt, waitUntil } from "./runFixtures.ts";

/** The first look comes after ten seconds without a loss. */
const PATIENCE_MS = 120_000;

type Start = { python?: string; folder: string; watchdog?: RunRecord["watchdog"] };

/** Starts a program under the supervisor, in a folder whose logs an earlier run wrote a NaN to. */
export async function startLoggedRun(
  context: TestContext,
  program: string,
  { python = "python3", folder, watchdog }: Start,
) {
  const root = await makeWorkspace(context);
  const script = join(root, "train.py");
  await writeFile(script, program);
  const logs = join(root, folder);
  await mkdir(logs);
  const old = join(logs, "results.csv");
  await writeFile(old, "step,train_loss\n1,nan\n2,nan\n");
  await utimes(old, 1_000_000_000, 1_000_000_000);
  const plan = buildPlan(root, [python, script], { logFolder: { path: logs, reason: "given by the test" } });
  const run = await createRun(root, plan, testReceipt, { stopGraceMs: 300, ...(watchdog ? { watchdog } : {}) });
  const supervisor = supervise("start", run);
  return {
    until: (what: string, look: (run: Run) => boolean) =>
      waitUntil(
        what,
        async () => {
          const now = await readRun(run);
          return look(now) ? now : undefined;
        },
        PATIENCE_MS,
      ),
    stop: async () => {
      await requestStop(await readRun(run), "now");
      await supervisor.ended;
      return readRun(run);
    },
  };
}
