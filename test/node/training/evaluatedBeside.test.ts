import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findSuspicions } from "../../../src/core/training/evaluation/renderData.ts";
import { auditScript } from "../../../src/node/training/auditScript.ts";
import { checkTraining } from "../../../src/node/training/checkTraining.ts";
import { checkWorkspace } from "../../../src/node/training/checkWorkspace.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const TRAIN = `import torch

torch.manual_seed(0)
for x, y in loader:
    criterion(model(x), y).backward()
    optimizer.step()
`;

const EVALUATE = `import torch

model.eval()
with torch.inference_mode():
    print(sum((model(x).argmax(1) == y).sum() for x, y in test_loader))
`;

function codes(findings: readonly { code: string }[]): string[] {
  return findings.map(({ code }) => code);
}

/** What is said about train.py on the command line, in a guided workflow and before an agent starts it. */
async function rulesFor(context: TestContext, beside: Record<string, string>): Promise<string[][]> {
  const folder = temporaryFolder(context);
  for (const [path, text] of Object.entries({ "train.py": TRAIN, ...beside })) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const script = join(folder, "train.py");
  const inWorkspace = await checkWorkspace(folder, new AbortController().signal);
  return [
    codes((await checkTraining(script))?.findings ?? []),
    inWorkspace.filter(({ where }) => where.startsWith("train.py:")).map(({ rule }) => rule),
    codes(findSuspicions(await auditScript(script, folder))),
  ];
}

test("a training whose model is judged by the script beside it has rows that are held out", async (context) => {
  assert.deepEqual(await rulesFor(context, { "evaluate.py": EVALUATE }), [[], [], []]);
  const missing = [["no-validation"], ["no-validation"], ["no-validation"]];
  assert.deepEqual(await rulesFor(context, {}), missing);
  assert.deepEqual(await rulesFor(context, { "evaluate.py": "import torch\nprint(torch.__version__)\n" }), missing);
  assert.deepEqual(await rulesFor(context, { "other/evaluate.py": EVALUATE }), missing);
});
