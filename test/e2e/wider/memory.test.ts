import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, openChat, replyButtons } from "../support/chat.ts";
import { journey } from "../support/journey.ts";

journey(
  import.meta.url,
  "what an agent was told is remembered after a restart, reaches the model, and can be forgotten",
  { hasScriptedModel: true },
  async (editor, shot) => {
    const file = join(editor.workspace, ".trainyard", "memory", "mlops-engineer.md");
    await openChat(editor.page, { width: 560 });
    const told = await ask(editor.page, "@mlops-engineer /remember data: labels are versioned with DVC");
    assert.match(told, /will remember: labels are versioned with DVC/);
    await shot("remembered");
    assert.match(
      await readFile(file, "utf8"),
      /^## Data sources and schemas\n- \d{4}-\d\d-\d\d: labels are versioned with DVC$/m,
    );

    const refused = await ask(editor.page, `@mlops-engineer /remember glpat-${"a1".repeat(10)}`);
    assert.match(refused, /looks like a GitLab token/);
    assert.doesNotMatch(await readFile(file, "utf8"), /glpat/);

    await editor.model.play({ turns: [{ text: "With DVC." }] });
    await ask(editor.page, "@mlops-engineer how are the labels versioned?");
    const requests = await editor.model.requests();
    assert.match(JSON.stringify(requests.at(-1)), /<memory>[^<]*labels are versioned with DVC/);

    await editor.quit();
    await editor.start();
    await openChat(editor.page, { width: 560 });
    assert.match(await ask(editor.page, "@mlops-engineer /memory"), /labels are versioned with DVC/);
    await shot("after-restart");

    const forgotten = await ask(editor.page, "@mlops-engineer /forget dvc");
    assert.match(forgotten, /forgot: labels are versioned with DVC/);
    assert.ok((await replyButtons(editor.page)).includes("Undo"));
    await shot("forgotten");
    assert.doesNotMatch(await readFile(file, "utf8"), /DVC/);
  },
);
