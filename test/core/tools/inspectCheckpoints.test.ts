import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { inspectCheckpointsTool } from "../../../src/core/tools/inspectCheckpoints.ts";
import type { Tool, ToolResult } from "../../../src/core/tools/tool.ts";
import { openCheckpointReader } from "../../../src/node/checkpoints/checkpointReader.ts";
import { locatePath } from "../../../src/node/checkpoints/locatePath.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

type Setting = { workspace: string; outside: string; tool: Tool<{ path?: string | undefined }> };

/** A workspace with one checkpoint, and one outside it. */
function arrange(context: TestContext, options: { known?: string[] } = {}): Setting {
  const root = temporaryFolder(context);
  const workspace = join(root, "workspace");
  const outside = join(root, "outside");
  mkdirSync(join(workspace, "checkpoints"), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(workspace, "checkpoints", "a.pt"), buildCheckpoint(4));
  writeFileSync(join(outside, "b.pt"), buildCheckpoint(5));
  const tool = inspectCheckpointsTool({
    reader: openCheckpointReader(),
    places: {
      locate: (path) => locatePath(path, [workspace]),
      knownFolders: () => Promise.resolve((options.known ?? []).map((known) => join(workspace, known))),
    },
  });
  return { workspace, outside, tool };
}

function run({ tool }: Setting, path?: string): Promise<ToolResult> {
  return tool.run({ path }, new AbortController().signal);
}

test("reads a file and a folder below the workspace", async (context) => {
  const setting = arrange(context);
  assert.match(
    (await run(setting, "checkpoints/a.pt")).text,
    /^\*\*a\.pt\*\*\n\n- Completeness: whole.*\n[^]*- Epoch: 4/,
  );
  assert.match((await run(setting, "checkpoints")).text, /^- \*\*a\.pt\*\* · epoch 4 · /m);
  assert.match((await run(setting, join(setting.workspace, "checkpoints"))).text, /^- \*\*a\.pt\*\* · epoch 4 · /m);
});

test("lists the folders of known runs without a path, and says so where there is none", async (context) => {
  const known = await run(arrange(context, { known: ["checkpoints", "gone"] }));
  assert.match(
    known.text,
    /### .*checkpoints\n\n- \*\*a\.pt\*\*[^]*### .*gone\n\nThe checkpoint folder .*gone does not exist/,
  );
  assert.match((await run(arrange(context))).text, /^No run is known yet/);
});

test("refuses paths outside the workspace, also through links", async (context) => {
  const setting = arrange(context);
  symlinkSync(setting.outside, join(setting.workspace, "link"));
  for (const path of [setting.outside, "../outside", "link/b.pt", "/etc/passwd", "checkpoints/../../outside/b.pt"]) {
    await assert.rejects(
      run(setting, path),
      (error) => error instanceof UserError && /outside the workspace/.test(error.message),
      path,
    );
  }
});

test("says that a path does not exist, and what to do", async (context) => {
  await assert.rejects(run(arrange(context), "none.pt"), /There is no file or folder none\.pt\. Check the path/);
});

test("stops when it is cancelled", async (context) => {
  const setting = arrange(context, { known: ["checkpoints"] });
  await assert.rejects(setting.tool.run({}, AbortSignal.abort()), { name: "AbortError" });
});

test("takes no other input than a path", (context) => {
  const { tool } = arrange(context);
  assert.equal(tool.input.safeParse({ path: 7 }).success, false);
  assert.equal(tool.input.safeParse({ path: "" }).success, false);
  assert.equal(tool.input.safeParse({}).success, true);
  assert.equal("confirm" in tool, false, "it only reads");
});
