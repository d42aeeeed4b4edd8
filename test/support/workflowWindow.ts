import assert from "node:assert/strict";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Reply } from "../../src/core/chat/reply.ts";
import type { SlashRequest } from "../../src/core/chat/slashCommand.ts";
import { WorkflowDesk, type WorkflowSources } from "../../src/editor/workflow/workflowDesk.ts";
import { workflowSlashCommands } from "../../src/editor/workflow/workflowReplies.ts";
import { fake } from "./fakeVscode.ts";
import { temporaryFolder } from "./temporaryFolder.ts";
import { evidencePorts } from "./workflowFolder.ts";

const { signal } = new AbortController();

/** The workflows of a window with one folder, and the chat in it. */
export async function openDesk(context: TestContext, sources: Partial<WorkflowSources> = {}) {
  const [workspace, extensionFolder, state] = [1, 2, 3].map(() => temporaryFolder(context));
  if (workspace === undefined || extensionFolder === undefined || state === undefined) {
    return assert.fail();
  }
  const earlier = process.env["XDG_STATE_HOME"];
  process.env["XDG_STATE_HOME"] = state;
  context.after(() => {
    process.env["XDG_STATE_HOME"] = earlier;
  });
  await cp(fileURLToPath(new URL("../../workflows", import.meta.url)), join(extensionFolder, "workflows"), {
    recursive: true,
  });
  fake.workspaceFolder = workspace;
  const desk = new WorkflowDesk({
    extensionFolder,
    collectFacts: () => Promise.resolve([]),
    checkCode: () => Promise.resolve([]),
    evidenceOf: () => evidencePorts(workspace),
    prepareFolder: async (folder) => void (await mkdir(join(folder, ".trainyard"), { recursive: true })),
    ...sources,
  });
  context.after(() => desk.dispose());
  const ask = async (
    participant: string,
    name: string,
    prompt = "",
    more: Partial<SlashRequest> = {},
  ): Promise<Reply> => {
    const command = workflowSlashCommands(desk).find((each) => each.participant === participant && each.name === name);
    return (command ?? assert.fail()).answer({ prompt, references: [], ...more }, signal);
  };
  return { desk, workspace, ask };
}
