import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LogFolder } from "../../src/node/metrics/logFolder.ts";
import { spelledRuns } from "../support/spelledRuns.ts";
import { ownersPython } from "./ownersPython.ts";

const writer = fileURLToPath(new URL("writeMetricLogs.py", import.meta.url));

/** What each library logs to, in the current folder. */
const PLACES = {
  "mlflow-files": "mlruns",
  "mlflow-sqlite": "mlflow.db",
  trackio: "trackio",
  wandb: "wandb",
  tensorboardx: "tensorboardx",
};

suite("curves logged with a library", () => {
  let folder = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trainyard-owners-"));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  for (const [library, place] of Object.entries(PLACES)) {
    test(`are those that ${library} has itself`, async () => {
      const cwd = join(folder, library);
      await cp(writer, join(cwd, "write.py"));
      const { stdout } = await promisify(execFile)(ownersPython(), ["write.py", library], {
        cwd,
        env: { ...process.env, HOME: folder },
      });
      const logs = new LogFolder(join(cwd, place));
      await logs.update();
      assert.deepEqual(spelledRuns(logs.runs), JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    });
  }
});
