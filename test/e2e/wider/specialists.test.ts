import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, lastReply, openChat, replyText } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { runCommand } from "../support/quickInput.ts";
import { clickNotificationButton, waitForNotification, waitForStatusBar } from "../support/workbench.ts";

journey(
  import.meta.url,
  "the specialists answer from the files without a model, in the chat and in the palette",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openChat(page, { width: 560 });

    const data = await ask(page, "@ml-trainer /data");
    assert.match(data, /train\.py:65/);
    assert.match(data, /stratified, the same in every run/);
    await shot("data");

    const speed = await ask(page, "@ml-trainer /optimize");
    assert.match(speed, /No run of this script has been recorded yet/);
    assert.match(speed, /train\.py:181/);
    await shot("optimize");
    await lastReply(page).getByRole("link", { name: "train.py:253" }).click();
    await waitForStatusBar(page, /^Ln 253, Col 1$/);

    assert.match(await ask(page, "@ml-trainer /evaluate"), /no run to evaluate.*\/train/);

    const deploy = await ask(page, "@mlops-engineer /deploy");
    assert.match(deploy, /Ran locally/);
    assert.doesNotMatch(deploy, /argo-workflows/);
    await shot("deploy");

    const tests = await ask(page, "@metaflow-agent /test");
    assert.match(tests, /one whole run with --epochs 1/);
    await shot("test");
    await clickButton(page, "Write tests/test_flow.py");
    const file = join(workspace, "tests", "test_flow.py");
    const written = await waitFor("the test file", () => readFile(file, "utf8").catch(() => false as const));
    assert.match(written, /Tests of DigitsFlow/);
    await shot("test-written");

    // A second time the file is left as it is.
    await clickButton(page, "Write tests/test_flow.py");
    await waitForNotification(page, /exists and was left as it is/);
    assert.equal(await readFile(file, "utf8"), written);
    await shot("test-kept");

    await runCommand(page, "Trainyard: Check Flow Deployment");
    await waitForNotification(page, /Deployment: what next/);
    await shot("palette");
    await clickNotificationButton(page, /Deployment: what next/, "Check");
    await waitForNotification(page, /DigitsFlow|graph|check/i);
    assert.ok((await replyText(page)).length > 0);
  },
);
