import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { toolsFolder } from "../../../scripts/paths.mjs";
import { waitFor } from "../../support/poll.ts";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { dismiss, pick, pickLabels, runCommand } from "../support/quickInput.ts";
import { waitForNotification } from "../support/workbench.ts";

journey(
  import.meta.url,
  "the MCP servers of the agents are written into the workspace, and the one for git starts",
  // Else VS Code takes the PATH of a login shell.
  { env: { VSCODE_CLI: "1", PATH: `${join(toolsFolder, "bin")}${delimiter}${process.env["PATH"] ?? ""}` } },
  async (editor, shot) => {
    const { page, workspace } = editor;
    execFileSync("git", ["init", "--quiet"], { cwd: workspace });
    await openChat(page, { width: 560 });
    assert.match(await ask(page, "@mlops-engineer /mcp"), /mcp-server-git/);
    await shot("asked");

    await runCommand(page, "Trainyard: Write MCP Config…");
    const accept = page.locator(".quick-input-widget:visible").getByRole("button", { name: "OK" });
    await page.getByText("Write which MCP servers?").waitFor();
    await shot("which-servers");
    await page.locator(".quick-input-widget:visible").getByRole("checkbox", { name: "Toggle all checkboxes" }).check();
    await accept.click();
    await page.getByText("Write them into which files?").waitFor();
    await shot("which-files");
    await accept.click();
    const file = join(workspace, ".vscode", "mcp.json");
    // A new file is there before its text is.
    const written = await waitFor("the configuration", async () => {
      const text = await readFile(file, "utf8").catch(() => "");
      return text !== "" && text;
    });
    assert.deepEqual(JSON.parse(written).servers.git, {
      type: "stdio",
      command: "uvx",
      args: ["mcp-server-git", "--repository", "${workspaceFolder}"],
    });
    await waitForNotification(page, /Added git, /);
    await shot("written");

    await runCommand(page, "MCP: List Servers");
    await pick(page, "git");
    await shot("git");
    await pick(page, "Start Server");
    await shot("starting");
    await waitFor("the server for git to run", async () => {
      await runCommand(page, "MCP: List Servers");
      const labels = await pickLabels(page);
      await dismiss(page);
      return labels.some((label) => /^git\b.*Running/.test(label));
    });
    await shot("running");
  },
);
