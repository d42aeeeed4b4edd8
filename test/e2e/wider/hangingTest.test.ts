import assert from "node:assert/strict";
import { waitFor } from "../../support/poll.ts";
import { linkSamplePython } from "../../support/workspaces.ts";
import { ask, clickButton, openChat, replyButtons, replyText } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { clearNotifications, waitForNotification } from "../support/workbench.ts";

const WORKFLOW = `name: small
title: Small
description: One phase with tests
phases:
  - id: prove
    title: Prove
    stage: Prove
    goal: Prove.
    steps:
      - tasks:
          - id: smoke
            agent: ml-explorer
            title: Smoke
            prompt: "Prove: $ARGUMENTS"
            output: { kind: checks, sections: [Works], proofs: { Works: tests } }
    gate: { question: "Good?" }
`;

const check = { name: "Works", status: "passed", evidence: "ran", proof: { kind: "tests", files: ["test_hang.py"] } };

journey(
  import.meta.url,
  "a test that hangs says how long it may take, ends with Cancel, and does not start again by itself",
  {
    files: {
      "test_hang.py": "import time\n\ntime.sleep(600)\n",
      ".trainyard/workflows/small.workflow.yaml": WORKFLOW,
    },
    hasScriptedModel: true,
  },
  async (editor, shot) => {
    const { page } = editor;
    await linkSamplePython(editor.workspace);
    const answer = { text: `\`\`\`json\n${JSON.stringify({ kind: "checks", checks: [check] })}\n\`\`\`` };
    await editor.model.play({ turns: [answer, answer] });
    await openChat(page, { width: 560 });
    assert.match(await ask(page, "@ml-trainer /develop --workflow small hang"), /Run These Tests/);
    await clickButton(page, "Run These Tests");
    await waitFor("the tests", async () => /Running test_hang\.py, at most 10 minutes/.test(await replyText(page)));
    await shot("running");
    await page
      .locator(".interactive-session")
      .getByRole("button", { name: /^(?:Cancel|Stop)/ })
      .first()
      .click();
    await waitForNotification(page, /"hang": The tests were ended before they had/);
    await shot("cancelled");
    await clearNotifications(page);
    assert.match(await ask(page, "@ml-trainer /develop"), /You ended them before they had/);
    assert.deepEqual(await replyButtons(page), ["Run These Tests", "Record by Hand…", "Go Back…"]);
    await shot("asked-again");
  },
);
