import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { ask, openChat, replyButtons } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import { openActivity } from "../support/workbench.ts";

/** Each theme by the class that the workbench then carries. */
const THEMES = { vs: "Light Modern", "vs-dark": "Dark Modern", "hc-black": "Dark High Contrast" };

journey(
  import.meta.url,
  "a folder without any Python says everywhere what to do next, readable in every theme",
  { files: { "notes.md": "# An idea\n" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openActivity(page, "Trainyard");
    const view = page.locator(".pane").filter({ hasText: "No runs in this workspace yet." });
    for (const step of ["Train…", "Watch Checkpoint Folder…", "New Training Script…", "New Metaflow Flow…"]) {
      await view
        .getByRole("button", { name: step })
        .or(view.getByRole("link", { name: step }))
        .first()
        .waitFor();
    }

    await openChat(page, { width: 560 });
    assert.match(await ask(page, "@ml-trainer /runs"), /no runs in this workspace yet\. Start one with \/train/);
    await shot("runs");
    assert.match(await ask(page, "@ml-trainer /checkpoints"), /No checkpoint folder is known yet/);
    assert.equal((await replyButtons(page))[0], "Watch a Folder…");
    await shot("checkpoints");
    assert.match(await ask(page, "@mlops-engineer /facts"), /Nothing about machine learning .*New Training Script/);
    await shot("facts");
    assert.match(await ask(page, "@ml-trainer /train"), /No training script was found .*New Training Script/);
    for (const [name, theme] of Object.entries(THEMES)) {
      await runCommand(page, "Preferences: Color Theme");
      await page.keyboard.type(theme);
      await pick(page, theme);
      await page.locator(`.monaco-workbench.${name}`).waitFor();
      await shot(name);
    }
    assert.deepEqual(await readdir(workspace), ["notes.md"], "nothing was written");
  },
);
