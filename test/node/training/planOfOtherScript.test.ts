import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { renderPlanMarkdown } from "../../../src/core/training/renderPlan.ts";
import { type PlanContext, planLaunch } from "../../../src/node/training/planLaunch.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

/** Stands in for reading the newest checkpoint. */
const findModelSize: PlanContext["findModelSize"] = () =>
  Promise.resolve({ parameters: 1_000_000, bytesPerParameter: 4, hasOptimizerState: false });

test("a plan says nothing of checkpoints and memory of another script, whose folder merely exists", async () => {
  await using workspace = await scriptWorkspace("mnist");
  await workspace.write("clean.py", "import torch\n\nprint(torch.__version__)\n");
  await mkdir(join(workspace.folder, "checkpoints"));
  await mkdir(join(workspace.folder, "runs"));
  const context = { workspaceFolder: workspace.folder, environment: replayedGpus("none"), findModelSize };
  const own = await planLaunch({ script: "train.py", arguments: ["--seed", "1"] }, context);
  assert.match(own.memory?.basis ?? "", /newest checkpoint/);
  const other = await planLaunch({ script: "clean.py" }, context);
  assert.equal(other.memory, undefined);
  assert.doesNotMatch(renderPlanMarkdown(other, workspace.folder), /\*\*(?:Checkpoints|Logs|Memory)\*\*/);
});
