import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { problemRows, waitForNotification } from "../support/workbench.ts";

const FILES = {
  ".github/agents/nameless.agent.md": "---\ndescription: No name.\n---\nHelp.\n",
  ".github/agents/lost.agent.md":
    "---\nname: lost\ndescription: Hands on to nobody.\nhandoffs:\n  - label: Go\n    agent: nobody-here\n    prompt: Go.\n---\nHelp.\n",
  ".github/agents/code.agent.md":
    '---js\n{ name: (require("node:fs").writeFileSync("executed", ""), "code") }\n---\nHelp.\n',
  ".github/agents/fine.agent.md": "---\nname: fine\ndescription: Nothing wrong with it.\n---\nHelp.\n",
};

journey(
  import.meta.url,
  "broken agent files and a stale button each end in a clear sentence",
  { files: FILES },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const rows = await waitFor("the problems of the agent files", async () => {
      const found = await problemRows(page);
      return found.filter((row) => /agent\.md/.test(row)).length >= 3 ? found : undefined;
    });
    const all = rows.join("\n");
    assert.match(all, /`?name`? is missing/);
    assert.match(all, /nobody-here/);
    assert.doesNotMatch(all, /fine\.agent\.md/);
    await shot("problems");
    assert.equal((await readdir(workspace)).includes("executed"), false);

    await openChat(page, { width: 560 });
    const agents = await ask(page, "@mlops-engineer /agents");
    assert.match(agents, /fine/);
    await shot("agents");

    await editor.door.execute("trainyard.startShownPlan", { plan: "of an older version" });
    await waitForNotification(page, "This button belongs to an older version of Trainyard.");
    await shot("stale-button");
  },
);
