import assert from "node:assert/strict";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, openChat, pressAndWait } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { proposedAnswer } from "../support/quickInput.ts";
import { activeTab, clickDialogButton, dialogText, openActivity, treeRow } from "../support/workbench.ts";

const phase = (id: string, title: string) =>
  `  - { id: ${id}, title: ${title}, stage: All, goal: Think., gate: { question: "Good?" }, steps: [{ tasks: [{ id: t-${id}, agent: ml-explorer, title: Look at ${title}, prompt: "Look: $ARGUMENTS", output: { kind: notes, sections: [Summary] } }] }] }`;

const WORKFLOW = `name: small
title: Small
description: Two phases that wait
phases:
${phase("first", "First")}
${phase("second", "Second")}
`;

journey(
  import.meta.url,
  "an approved document that was edited is shown beside what was approved, and a broken journal begins anew",
  { files: { "train.py": "print(1)\n", ".trainyard/workflows/small.workflow.yaml": WORKFLOW } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const workflows = join(workspace, ".trainyard", "workflows");
    const ids = async () => (await readdir(workflows)).filter((name) => name.startsWith("small-"));
    await openChat(page, { width: 700 });
    await ask(page, "@ml-trainer /develop --workflow small sort");
    await pressAndWait(page, "Approve Phase 1");
    const [id = ""] = await ids();
    await appendFile(join(workflows, id, "documents", "01-first.md"), "\nNobody agreed to this.\n");
    const again = await ask(page, "@ml-trainer /develop");
    assert.match(again, /First \(documents\/01-first\.md\) has been changed/);
    assert.match(again, /\+Nobody\sagreed\sto\sthis\./);
    await shot("approve-again");
    await clickButton(page, "Compare…");
    await waitFor("the comparison", async () => /01-first\.md \(approved ↔ now\)/.test(await activeTab(page)));
    await shot("compared");

    const journal = join(workflows, id, "journal.jsonl");
    await writeFile(journal, (await readFile(journal, "utf8")).replace('"kind":"person"', '"kind":"agent"'));
    await openActivity(page, "Trainyard");
    await treeRow(page, "Workflows", /The first line of the journal of small-.* does not hold/).waitFor();
    const status = await ask(page, "@ml-trainer /status");
    assert.match(status, /does not hold, so the workflow cannot go on/);
    await shot("broken");
    await pressAndWait(page, "Begin Anew…", async () => {
      assert.match(await dialogText(page), /^Begin small-.* anew\?/);
      await shot("asked");
      await clickDialogButton(page, "Begin Anew");
      assert.equal(await proposedAnswer(page), "sort");
      await page.keyboard.press("Enter");
    });
    const [kept, anew] = (await ids()).toSorted((a, b) => b.length - a.length);
    assert.equal(kept, `${id}.broken-1`);
    assert.match(await readFile(join(workflows, anew ?? "", "journal.jsonl"), "utf8"), /"task":"sort"/);
    await shot("anew");
  },
);
