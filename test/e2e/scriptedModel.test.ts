import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ask, openChat, sendInput, typePrompt, waitForReply } from "./support/chat.ts";
import { journey } from "./support/journey.ts";

journey(
  import.meta.url,
  "a model uses three tools, the person refuses one, and the answer stands",
  { hasScriptedModel: true },
  async (editor, shot) => {
    const { page, workspace, model } = editor;
    await model.play({
      rules: [{ prompt: "again", turns: [{ text: "As I said: nothing runs." }] }],
      turns: [
        { text: "Let me look. ", toolCalls: [{ name: "trainyard_project_facts", input: {} }] },
        {
          toolCalls: [
            { name: "trainyard_launch_training", input: { script: "train.py", arguments: ["--epochs", "2"] } },
          ],
        },
        { toolCalls: [{ name: "trainyard_run_status", input: {} }] },
        { text: "You declined, so nothing runs. The workspace uses PyTorch." },
      ],
    });
    await openChat(page, { width: 560 });
    await typePrompt(page, "@ml-trainer please start a short training");
    const mark = await sendInput(page);
    const skip = page.getByRole("button", { name: /^Skip/ }).last();
    await skip.waitFor({ timeout: 60_000 });
    const asked = (await page.locator(".interactive-session").innerText()).replaceAll("\u00a0", " ");
    assert.match(asked, /Start train\?/);
    assert.match(asked, /\.venv\/bin\/python train\.py --epochs 2/);
    await shot("asked");
    await skip.click();
    const answer = await waitForReply(page, mark);
    assert.match(answer, /You declined, so nothing runs/);
    await shot("answered");
    assert.deepEqual(await readdir(join(workspace, ".trainyard", "runs")).catch(() => []), []);

    const requests = await model.requests();
    const seen = JSON.stringify(requests.at(-1));
    assert.match(seen, /torch/, "the facts reached the model");
    assert.match(seen, /skip/i, "the refusal reached the model");
    assert.match(seen, /no runs yet/, "the status reached the model");

    await ask(page, "@ml-trainer say that again");
    const next = JSON.stringify((await model.requests()).at(-1));
    assert.match(next, /You declined, so nothing runs/, "the final text is in the history");
    await shot("next-turn");
  },
);
