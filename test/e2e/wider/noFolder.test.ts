import assert from "node:assert/strict";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { runCommand } from "../support/quickInput.ts";
import { openActivity, waitForNotification } from "../support/workbench.ts";

journey(
  import.meta.url,
  "without a folder every way to train says to open one",
  { hasFolder: false },
  async (editor, shot) => {
    const { page } = editor;
    await openChat(page, { width: 560 });
    assert.match(await ask(page, "@ml-trainer /train"), /No folder is open\. Open the folder with your code/);
    assert.match(await ask(page, "@ml-trainer /runs"), /no runs/);
    assert.match(await ask(page, "@mlops-engineer /facts"), /No folder is open/);
    await openActivity(page, "Trainyard");
    await page.getByText("Open a folder to train in it").waitFor();
    await runCommand(page, "Trainyard: Train…");
    await waitForNotification(page, /No folder is open/);
    await shot("no-folder");
  },
);
