import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Turn } from "../../support/scriptedModel/script.ts";
import { ask, clickButton, openChat, replyMark, waitForAllow, waitForReply } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { clickDialogButton, dialogText } from "../support/workbench.ts";

const WORKFLOW = `name: small
title: Small
description: One phase that writes
phases:
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
        write("helpers.py", "HELP = 1\n"),
        write("more.py", "MORE = 1\n"),
        write("train.py", MINE.replace("0.1", "0.2")),
        write("conftest.py", "import os\n"),
        write("helpers.py", "HELP = 2\n"),
        { text: `\`\`\`json\n${JSON.stringify(output)}\n\`\`\`` },
      ],
    });
    await openChat(page, { width: 560 });
    const mark = await replyMark(page);
    const asked = ask(page, "@ml-trainer /develop --workflow small tidy up", 120_000);
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
    await clickDialogButton(page, "Replace");

    await asked;
    await waitForReply(page, mark);
    await clickButton(page, "Open Document");
    await shot("after");
    assert.deepEqual(
      [await held("train.py"), await held("conftest.py"), await held("helpers.py")],
      [MINE, "import os\n", "HELP = 2\n"],
    );
    assert.match(JSON.stringify((await editor.model.requests()).at(-1)), /did not let train\.py be replaced/);
    const workflows = join(workspace, ".trainyard", "workflows");
    const [id = ""] = (await readdir(workflows)).filter((name) => name.startsWith("small-"));
    const journal = await readFile(join(workflows, id, "journal.jsonl"), "utf8");
    assert.match(journal, /"attempt":"replace train\.py by agent ml-writer","reason":"The person did not let it\."/);
  },
);
