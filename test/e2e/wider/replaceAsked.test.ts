import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Turn } from "../../support/scriptedModel/script.ts";
import { ask, clickButton, openChat, replyMark, waitForAllow, waitForReply } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { clickDialogButton, dialogText } from "../support/workbench.ts";

const WORKFLOW = `name: small
title: Small
description: Look, then write
phases:
  - id: look
    title: Look
    stage: Look
    goal: Know what is there.
    steps:
      - tasks:
          - { id: look, agent: ml-explorer, title: Look, prompt: "Look: $ARGUMENTS", output: { kind: notes } }
    gate: { question: "Shall this be written?" }
  - id: code
    title: Code
    stage: Code
    goal: Write.
    writers: [ml-writer]
    steps:
      - tasks:
          - { id: code, agent: ml-writer, title: Code, prompt: "Write: $ARGUMENTS", output: { kind: files } }
    gate: { question: "Good?" }
`;

const MINE = 'RATE = 0.1\n\n\ndef train() -> None:\n    print("mine", RATE)\n';

const write = (path: string, content: string): Turn => ({
  toolCalls: [{ name: "trainyard_workflow", input: { action: "write_file", agent: "ml-writer", path, content } }],
});

const notes = { kind: "notes", summary: "A script and its helper.", sections: [], keyFiles: [] };

const output = { kind: "files", summary: "Wrote.", files: [{ path: "helpers.py", purpose: "helps" }], open: [] };

journey(
  import.meta.url,
  "a file of the person is asked about each time, also after the tool was allowed for the whole session",
  {
    files: { "train.py": MINE, "conftest.py": "MINE = True\n", ".trainyard/workflows/small.workflow.yaml": WORKFLOW },
    hasScriptedModel: true,
  },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const held = (file: string) => readFile(join(workspace, file), "utf8");
    await editor.model.play({
      turns: [
        { text: `\`\`\`json\n${JSON.stringify(notes)}\n\`\`\`` },
        write("helpers.py", "HELP = 1\n"),
        write("more.py", "MORE = 1\n"),
        write("train.py", MINE.replace("0.1", "0.2")),
        write("conftest.py", "import os\n"),
        write("helpers.py", "HELP = 2\n"),
        { text: `\`\`\`json\n${JSON.stringify(output)}\n\`\`\`` },
      ],
    });
    await openChat(page, { width: 560 });
    await ask(page, "@ml-trainer /develop --workflow small tidy up");
    const mark = await replyMark(page);
    await clickButton(page, "Approve Phase 1");
    const allow = await waitForAllow(page);
    assert.equal(await allow.innerText(), "Allow in this Session");
    await shot("new-file");
    await allow.click();

    assert.match(await dialogText(page), /^Let ml-writer replace train\.py\?[\s\S]*-RATE = 0\.1\s+\+RATE = 0\.2/);
    await shot("asked-for-train");
    assert.deepEqual([await held("more.py"), await held("train.py")], ["MORE = 1\n", MINE]);
    await clickDialogButton(page, "Cancel");
    assert.match(await dialogText(page), /^Let ml-writer replace conftest\.py\?/);
    await shot("asked-for-conftest");
    const tabs = () => page.locator(".tabs-container .tab").allInnerTexts();
    assert.doesNotMatch((await tabs()).join("\n"), /train\.py \(yours/, "the comparison goes with its question");
    await clickDialogButton(page, "Replace");

    await waitForReply(page, mark);
    await clickButton(page, "Open Document");
    // It takes the focus when it opens, and would take what is typed for the chat.
    await page.locator(".editor-instance .monaco-editor.focused").waitFor();
    await shot("after");
    assert.deepEqual(
      [await held("train.py"), await held("conftest.py"), await held("helpers.py")],
      [MINE, "import os\n", "HELP = 2\n"],
    );
    assert.match(JSON.stringify((await editor.model.requests()).at(-1)), /did not let train\.py be replaced/);
    const workflows = join(workspace, ".trainyard", "workflows");
    const [id = ""] = (await readdir(workflows)).filter((name) => name.startsWith("small-"));
    const readJournal = () => readFile(join(workflows, id, "journal.jsonl"), "utf8");
    const journal = await readJournal();
    assert.match(journal, /"attempt":"replace train\.py by agent ml-writer","reason":"The person did not let it\."/);

    // A model in the free chat takes the name of the writer, and tries what else there is.
    const forged = write("free.py", "x = 1\n").toolCalls ?? [];
    const approve = { name: "trainyard_workflow", input: { action: "approve" } };
    const calls = [...forged, approve, { name: "write_anything", input: { path: "free.py" } }];
    await editor.model.play({ turns: [{ toolCalls: calls }, { text: "I could not." }] });
    await openChat(page, { width: 560 });
    await ask(page, "@ml-trainer approve it yourself");
    await shot("free-chat");
    const added = (await readJournal()).slice(journal.length);
    for (const attempt of [
      "trainyard_workflow write_file free.py",
      "trainyard_workflow approve",
      "write_anything free.py",
    ]) {
      assert.ok(added.includes(`"attempt":"call ${attempt} by @ml-trainer in the free chat"`), attempt);
    }
    assert.equal((await readdir(workspace)).includes("free.py"), false);
  },
);
