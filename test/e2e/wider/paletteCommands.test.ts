import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { dismiss, pickLabels } from "../support/quickInput.ts";

const SCRIPT = "import torch\n\nif __name__ == '__main__':\n    print(torch.__version__)\n";
const FLOW =
  "from metaflow import FlowSpec, step\n\n\nclass Tiny(FlowSpec):\n    @step\n    def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n";

journey(
  import.meta.url,
  "the palette and the chat name what can be done now, and no more",
  { files: { "train.py": SCRIPT, "requirements.txt": "torch==2.13.0\n" } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    await openChat(page, { width: 400 });
    const hello = await ask(page, "@ml-trainer hello, what can you do?");
    assert.match(hello, /\/train/);
    assert.doesNotMatch(hello, /\/approve|\/runs/);
    await shot("hello");
    await ask(page, "@mlops-engineer /agents");
    await shot("agents");
    const facts = await ask(page, "@mlops-engineer /facts");
    assert.match(facts, /Not known: data_dirs/);
    await shot("facts");

    assert.ok(await isOffered(page, "New Metaflow Flow…"));
    await shot("palette");
    for (const hidden of ["Check Metaflow Flow…", "Evaluate Run…", "Approve Workflow Phase…"]) {
      assert.equal(await isOffered(page, hidden), false, hidden);
    }
    await writeFile(join(workspace, "tiny.py"), FLOW);
    await waitFor("the commands of flows", () => isOffered(page, "Check Metaflow Flow…"));
    await editor.reload();
    await waitFor("the commands of flows after a reload", () => isOffered(editor.page, "Check Metaflow Flow…"));
    assert.ok(await isOffered(editor.page, "Stop Run…"), "it says that nothing runs, rather than not being there");
  },
);

/** Whether the Command Palette lists a command of Trainyard by this title. */
async function isOffered(page: Page, title: string): Promise<boolean> {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget:visible input.input").fill(`>Trainyard: ${title}`);
  const labels = await pickLabels(page);
  await dismiss(page);
  return labels.some((label) => label.startsWith(`Trainyard: ${title}`));
}
