import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { FlowChecks } from "../../../src/editor/metaflow/flowCheck.ts";
import { flowCommands } from "../../../src/editor/metaflow/flowCommands.ts";
import { FlowReports } from "../../../src/editor/metaflow/flowReports.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

beforeEach(resetFake);

const EXTENSION = fileURLToPath(new URL("../../..", import.meta.url));

function openWindow(context: TestContext) {
  const root = temporaryFolder(context);
  fake.workspaceFolder = root;
  const checks = new FlowChecks();
  const reports = new FlowReports();
  context.after(() => [checks, reports].forEach((each) => each.dispose()));
  const newScript = async () => flowCommands(EXTENSION, checks, reports)["newTrainingScript"]?.();
  return { root, newScript };
}

test("no new training script is written in Restricted Mode", async (context) => {
  const { root, newScript } = openWindow(context);
  fake.isTrusted = false;
  fake.inputBox = () => "fit";
  await assert.rejects(newScript(), { message: /writing a training script puts code into it\. Trust the workspace/ });
  assert.deepEqual(await readdir(root), []);
});

test("a new training script asks before it takes another name, and takes none that is not free", async (context) => {
  const { root, newScript } = openWindow(context);
  fake.inputBox = () => "fit";
  await writeFile(join(root, "fit.py"), "mine\n");
  await newScript();
  assert.deepEqual(fake.messages, ["fit.py exists and was left as it is."]);
  assert.deepEqual(await readdir(root), ["fit.py"]);

  fake.messages.length = 0;
  fake.messageAnswers.set("fit.py exists", "Write fit_2.py");
  await newScript();
  assert.deepEqual(fake.messages, ["fit.py exists and was left as it is.", "fit_2.py was written."]);
  assert.deepEqual(fake.shownDocuments, [join(root, "fit_2.py")]);
  assert.equal(await readFile(join(root, "fit.py"), "utf8"), "mine\n");

  fake.messages.length = 0;
  fake.shownDocuments.length = 0;
  for (let number = 3; number <= 100; number += 1) {
    await writeFile(join(root, `fit_${number}.py`), "mine\n");
  }
  await assert.rejects(newScript(), /fit_100\.py is taken, and so is every lower number\. Choose another name/);
  assert.deepEqual([fake.messages, fake.shownDocuments], [[], []]);
});
