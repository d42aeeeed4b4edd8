import assert from "node:assert/strict";
import { openChat, suggestions, typePrompt } from "../support/chat.ts";
import { journey } from "../support/journey.ts";

journey(
  import.meta.url,
  "typing @ in chat offers the three agents",
  { hasScriptedModel: true },
  async (editor, shot) => {
    const { page } = editor;
    await openChat(page);
    for (const agent of ["metaflow-agent", "ml-trainer", "mlops-engineer"]) {
      await typePrompt(page, `@${agent.slice(0, 3)}`);
      assert.ok((await suggestions(page)).some((label) => label.startsWith(`@${agent}`)));
      await shot(agent);
    }
  },
);
