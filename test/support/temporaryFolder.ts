import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A new folder that is gone after the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "trainyard-test-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
