import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { waitFor } from "../../support/poll.ts";
import { journey } from "../support/journey.ts";
import { answerTo, pick, runCommand } from "../support/quickInput.ts";
import { activeTab, clickNotificationButton, treeRows } from "../support/workbench.ts";

const AGENT = `---
name: bias-auditor
description: Finds groups of people for whom the model is worse.
tools: [read, serach]
triggers:
  - train.py exists
handoffs:
  - label: "Evaluate"
    agent: evl-agent
    prompt: "Please evaluate."
---

Train with {train_comand}.
`;

async function goToEndOf(page: Page, line: number): Promise<void> {
  await page.keyboard.press("Control+G");
  await page.locator(".quick-input-widget:visible input.input").fill(`:${line}`);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  await page.keyboard.press("End");
}

/** The labels that are offered, once there are some. */
async function offered(page: Page): Promise<string[]> {
  await page.keyboard.press("Control+Space");
  const rows = page.locator(".suggest-widget.visible .monaco-list-row");
  await rows.first().waitFor();
  return rows.locator(".label-name").allInnerTexts();
}

journey(
  import.meta.url,
  "an agent file with mistakes is repaired, completed and seen among the others, and a new one is written",
  {
    files: {
      ".github/agents/bias-auditor.agent.md": AGENT,
      "train.py": "import torch\n",
      "requirements.txt": "torch\n",
    },
    settings: { "files.autoSave": "off" },
  },
  async (editor, shot) => {
    const { page, workspace } = editor;
    const file = join(workspace, ".github/agents/bias-auditor.agent.md");
    await editor.door.execute("vscode.open", { $path: file });
    await editor.door.execute("workbench.action.closeAuxiliaryBar");
    await waitFor("the file", async () => (await activeTab(page)).includes("bias-auditor"));
    const mistakes = page.locator(".squiggly-warning");
    await waitFor("three mistakes", async () => (await mistakes.count()) === 3);

    await runCommand(page, "Trainyard: Show Agents");
    const graph = page.frameLocator("iframe.webview").frameLocator("iframe").locator("#graph");
    await graph.locator('[data-node="evl-agent"]').waitFor();
    await graph.locator('[data-node="mlops-engineer"]').hover();
    await shot("graph-with-a-missing-target");
    await graph.locator('[data-node="bias-auditor"]').click();
    await waitFor("the file again", async () => (await activeTab(page)).includes("bias-auditor"));

    // What is typed and not saved is checked as well, and repaired.
    await goToEndOf(page, 6);
    const nonsense = " when the moon is full";
    await page.keyboard.type(nonsense);
    await waitFor("a fourth mistake", async () => (await mistakes.count()) === 4);
    await shot("typed");
    for (const _ of nonsense) {
      await page.keyboard.press("Backspace");
    }
    await waitFor("three mistakes again", async () => (await mistakes.count()) === 3);
    await goToEndOf(page, 9);
    await page.keyboard.press("Control+.");
    await page.locator(".action-widget").getByText("Create the agent evl-agent").waitFor();
    await shot("repairs");
    await page.locator(".action-widget").getByText("Change to eval-agent").click();
    await waitFor("two mistakes", async () => (await mistakes.count()) === 2);

    await goToEndOf(page, 4);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.type(", ");
    await page.keyboard.type("exec");
    assert.deepEqual(
      (await offered(page)).filter((label) => label === "execute"),
      ["execute"],
    );
    await shot("tools");
    await page.keyboard.press("Enter");
    await goToEndOf(page, 3);
    await page.keyboard.press("Control+Enter");
    const keys = await offered(page);
    assert.ok(keys.includes("boundaries"));
    assert.deepEqual(
      keys.filter((label) => label === "model"),
      ["model"],
    );
    await shot("keys");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Shift+K");
    await runCommand(page, "File: Save");
    await waitFor("the repaired file", async () => {
      const text = await readFile(file, "utf8");
      return text.includes("agent: eval-agent") && text.includes("execute");
    });

    await page.locator(".activitybar").getByRole("tab", { name: "Trainyard" }).click();
    const best = await waitFor("agents by evidence", async () => (await treeRows(page, "Agents"))[0]);
    assert.match(best, /^Start with @ml-trainer/);
    await page.locator(".pane-body .monaco-list-row").filter({ hasText: "Start with" }).hover();
    await shot("ranked");
    await page.getByRole("button", { name: "Do Not Suggest" }).first().click();
    await waitFor("no suggestion", async () => (await treeRows(page, "Agents"))[0]?.startsWith("@ml-trainer") === true);

    await runCommand(page, "Trainyard: New Agent");
    await answerTo(page, "New Agent (1/3)", "drift-watcher");
    await answerTo(page, "New Agent (2/3)", "Says when the data is not what the model was trained on.");
    await pick(page, "Reviewer");
    await waitFor("the new agent", async () => (await activeTab(page)).includes("drift-watcher"));
    await shot("new-agent");
    const written = await readFile(join(workspace, ".github/agents/drift-watcher.agent.md"), "utf8");
    assert.match(written, /description: "Says when the data/);

    await runCommand(page, "Trainyard: Export Agents");
    await page.locator(".quick-input-title").filter({ hasText: "Export Agents (1/3)" }).waitFor();
    await page.keyboard.press("Enter");
    await pick(page, ".claude/agents");
    await page.locator(".quick-input-widget").getByText("these files will be written").waitFor();
    await page.locator(".quick-input-list").getByText(".claude/agents/data-prep.md").waitFor();
    await shot("export");
    await page.keyboard.press("Enter");
    // A new file is there before its text is.
    const exported = await waitFor("the exported agent", async () => {
      const text = await readFile(join(workspace, ".claude/agents/drift-watcher.md"), "utf8").catch(() => "");
      return text !== "" && text;
    });
    assert.match(exported, /^tools: Read, Grep, Glob$/m);
    assert.equal(await mistakes.count(), 0);
    await clickNotificationButton(page, /Wrote \d+ files to \.claude\/agents/, "Show What Was Left Out");
    await waitFor("what was left out", async () => (await activeTab(page)).includes("Left out of the export"));
    await shot("left-out");
  },
);
