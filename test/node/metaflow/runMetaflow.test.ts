import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runMetaflow } from "../../../src/node/metaflow/runMetaflow.ts";
import { samplePython } from "../../support/python.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const STARTS_ANOTHER = `import subprocess
print(subprocess.Popen(["sleep", "120"], start_new_session=True).pid)
`;

test("a process that a file leaves behind, with the file's pipes, is not waited for", async (context) => {
  const file = join(temporaryFolder(context), "flow.py");
  writeFileSync(file, STARTS_ANOTHER);
  const call = { args: [], environment: process.env, timeoutMs: 60_000 };
  const { exitCode, stdout } = await runMetaflow(samplePython(), file, call);
  assert.equal(exitCode, 0);
  // It throws where there is no such process any more.
  process.kill(Number(stdout), "SIGKILL");
});
