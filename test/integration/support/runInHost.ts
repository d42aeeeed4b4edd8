// Runs the integration suites in a real VS Code: the one TRAINYARD_VSCODE names, a downloaded one where
// TRAINYARD_VSCODE is "download", else the web host. The suites are the same.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { root } from "../../../scripts/paths.mjs";
import { copySample, makeScratchFolder } from "../../support/workspaces.ts";

const wanted = process.env["TRAINYARD_VSCODE"];
const shim = join(root, "test", "support", "webHost", "shim");

async function main(): Promise<number> {
  const scratch = await makeScratchFolder("integration");
  try {
    const workspace = await copySample(scratch);
    return await runTests({
      ...(wanted === "download" ? {} : { vscodeExecutablePath: wanted ?? shim }),
      extensionDevelopmentPath: [root, join(root, "out", "testExtensions", "scriptedModel")],
      extensionTestsPath: join(root, "out", "integration", "support", "suite.mjs"),
      launchArgs: [workspace, "--disable-workspace-trust"],
      extensionTestsEnv: {
        TRAINYARD_SCRIPTED_MODEL: join(scratch, "model"),
        TRAINYARD_TEST_FILTER: process.argv.slice(2).join("|"),
      },
    });
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

try {
  process.exitCode = await main();
} catch {
  // The suite has printed its failures; runTests only adds the exit code.
  process.exitCode = 1;
}
