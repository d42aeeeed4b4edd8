import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import { LogFolder } from "../../src/node/metrics/logFolder.ts";
import { spelledRuns } from "../support/spelledRuns.ts";
import { ownersPython } from "./ownersPython.ts";

type Logged = { script: string; library: string; place: string };

/** What each library logs to, in the current folder. */
const LOGGED: readonly Logged[] = [
  { script: "writeMetricLogs.py", library: "mlflow-files", place: "mlruns" },
  { script: "writeMetricLogs.py", library: "mlflow-sqlite", place: "mlflow.db" },
  ...["trackio", "wandb", "tensorboardx"].map((library) => ({ script: "writeMetricLogs.py", library, place: library })),
  ...["lightning", "keras", "transformers"].map((library) => ({ script: "trainAndLog.py", library, place: library })),
];

suite("curves logged with a library", () => {
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trainyard-owners-"));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  for (const { script, library, place } of LOGGED) {
    test(`are those that the owner of the format reads, of ${library}`, async () => {
      const cwd = join(folder, library);
      await cp(join(import.meta.dirname, script), join(cwd, script));
      const { stdout } = await promisify(execFile)(ownersPython(), [script, library], {
        cwd,
        env: { ...process.env, HOME: folder },
      });
      const logs = new LogFolder(join(cwd, place));
      await logs.update();
      assert.deepEqual(spelledRuns(logs.runs), JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    });
  }
});
