import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answer, pick, pickLabels, runCommand } from "../support/quickInput.ts";
import {
  activeTab,
  clearNotifications,
  clickDialogButton,
  clickNotificationButton,
  dialogText,
  openActivity,
  pageInFront,
  problemRows,
  treeRows,
  waitForNotification,
} from "../support/workbench.ts";

const OWN = `name: data-check
title: Data Check
description: Look at the data of this project, then decide
takesCapsule: true
phases:
  - id: look
    title: Look
    stage: Check
    goal: Know the data.
    steps:
      - tasks:
          - { id: data, agent: ml-explorer, title: Data, prompt: "Look at the data: $ARGUMENTS", output: { kind: notes, sections: [Source] } }
    gate: { question: "Is the data good enough?" }
`;
const BROKEN = OWN.replace("name: data-check", "name: broken").replace("goal: Know the data.", "gaol: Know the data.");
const MISSPELT = OWN.replace("name: data-check", "name: misspelt")
  .replace("title: Data Check", "title: Misspelt")
  .replace("agent: ml-explorer", "agent: ml-explorre");
const CAPSULE = `version: "1.0"
created: 2026-01-03T10:00:00Z
slug: digits-data
goal: Check the digits before anything is trained.
constraints: [no download]
handoff: { recommended_command: /develop }
`;

journey(
  import.meta.url,
  "a workflow of the workspace runs from the palette alone, its capsule is read, and a broken one says where",
  {
    files: {
      "train.py": "import torch\n",
      "requirements.txt": "torch==2.13.0\n",
      ".trainyard/workflows/own.workflow.yaml": OWN,
      ".trainyard/workflows/broken.workflow.yaml": BROKEN,
      ".trainyard/workflows/misspelt.workflow.yaml": MISSPELT,
      ".phase0/capsules/digits-data/capsule.yaml": CAPSULE,
    },
  },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openActivity(page, "Trainyard");
    await page.locator(".pane").getByText("A guided workflow leads from a question").waitFor();
    await shot("empty-view");
    await waitFor("the problem of the broken file", async () =>
      (await problemRows(page)).some((row) => /gaol/.test(row)),
    );
    await waitFor("the warning of an agent that nobody is called", async () =>
      (await problemRows(page)).some((row) =>
        /No agent is called "ml-explorre".* Did you mean "ml-explorer"\?/.test(row),
      ),
    );
    await shot("problems");

    await runCommand(page, "Trainyard: Start Guided Workflow");
    await page.locator(".quick-input-title").filter({ hasText: "Start which workflow?" }).waitFor();
    assert.equal(
      (await pickLabels(page)).filter((label) => /^(ML Development|MLOps Pipeline|Data Check)/.test(label)).length,
      3,
    );
    await shot("which");
    await pick(page, "Data Check");
    await answer(page, "--capsule digits-data");
    await clickNotificationButton(
      page,
      /Data Check "Check the digits.*": Phase 1 of 1, Look, waits for you/,
      "Approve Phase 1",
    );
    await waitFor("the workflow to be done", async () =>
      (await treeRows(page, "Workflows")).some((row) => /Workflow Data Check, done/.test(row)),
    );
    // The preview opens last and would take the focus from the next quick pick.
    await pageInFront(page).getByText("Its one phase is complete").waitFor({ timeout: 60_000 });
    await shot("approved");
    const workflows = join(workspace, ".trainyard", "workflows");
    const [id = ""] = (await readdir(workflows)).filter((name) => name.startsWith("data-check"));
    const document = await readFile(join(workflows, id, "documents", "01-look.md"), "utf8");
    assert.match(document, /From the capsule `digits-data`: Check the digits/);

    await clearNotifications(page);
    await runCommand(page, "Trainyard: Start Guided Workflow");
    await pick(page, "Data Check");
    await answer(page, "once more");
    await waitForNotification(page, /Data Check "once more": Phase 1 of 1, Look, waits for you/);
    await pageInFront(page).getByText("Filled in without a language model").first().waitFor();
    await runCommand(page, "Trainyard: Approve Workflow Phase");
    assert.match(await dialogText(page), /Phase 1 \(Look\): Is the data good enough\?/);
    await shot("dialog");
    await clickDialogButton(page, "Approve");
    await waitForNotification(page, /Data Check "once more": done/);
    await runCommand(page, "Trainyard: Export Workflow Dossier");
    await pick(page, "once more");
    await waitFor("the dossier", async () => /dossier\.md/.test(await activeTab(page)));
    await shot("dossier");

    await openChat(page, { width: 560 });
    assert.match(await ask(page, "@ml-trainer /develop --capsule ../../etc"), /is no name of a capsule/);
    assert.match(await ask(page, "@ml-trainer /develop --capsule nowhere"), /There are: digits-data/);
    assert.match(await ask(page, "@ml-trainer /develop --capsule digits-data"), /Loaded capsule: digits-data/);
    assert.match(await ask(page, "@ml-trainer /skip"), /cannot be skipped/);
    assert.match(await ask(page, "@ml-trainer /back 7"), /Going back needs a phase that has begun/);
    assert.match(
      await ask(page, "@ml-trainer /back"),
      /Phase 1 of 12: Problem Analysis[\s\S]*Are these the requirements\?/,
    );
    assert.match(await ask(page, "@ml-trainer /stop workflow"), /The workflow is stopped/);
    await shot("stopped");
  },
);
