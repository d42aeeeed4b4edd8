import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, openChat, replyButtons } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { activeTab, clickNotificationButton, waitForNotification } from "../support/workbench.ts";

const SCRIPT = "import torch\n\nfor epoch in range(3):\n    print(torch.zeros(1))\n";

journey(
  import.meta.url,
  "no Python, no torch and a script that fails each end in a sentence that says what to do",
  { files: { "train.py": SCRIPT }, settings: { "trainyard.pythonPath": "/nowhere/bin/python" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openChat(page, { width: 560 });
    assert.match(await ask(page, "@ml-trainer /train train.py"), /\/nowhere\/bin\/python/);
    await shot("no-python");

    execFileSync("python3", ["-m", "venv", "--without-pip", join(workspace, ".venv")]);
    mkdirSync(join(workspace, ".vscode"));
    writeFileSync(
      join(workspace, ".vscode", "settings.json"),
      JSON.stringify({ "trainyard.pythonPath": ".venv/bin/python" }),
    );
    const plan = await waitFor(
      "a plan with the new interpreter",
      async () => {
        const text = await ask(page, "@ml-trainer /train train.py");
        return text.includes("torch") && text;
      },
      60_000,
    );
    assert.match(plan, /train\.py imports torch \(line 1\)/);
    assert.match(plan, /pip install torch/);
    assert.deepEqual(await replyButtons(page), ["Start Anyway", "Edit Arguments…"]);
    await shot("no-torch");

    await clickButton(page, "Start Anyway");
    await waitForNotification(page, /torch/, 60_000);
    await shot("failed");
    await clickNotificationButton(page, /torch/, "Open Log");
    await waitFor("the log", async () => (await activeTab(page)).includes("train.log"));
    await shot("log");
  },
);
