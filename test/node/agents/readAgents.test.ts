import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { listAgents, readAgents, workspaceAgentFolders } from "../../../src/node/agents/readAgents.ts";

test("reads the agents of a workspace, and tells what it could not read", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  const github = join(folder, ".github", "agents");
  await mkdir(join(github, "folder.md"), { recursive: true });
  await writeFile(join(github, "b.agent.md"), "b");
  await writeFile(join(github, "a.md"), "a");
  await writeFile(join(github, "README.md"), "not an agent");
  await writeFile(join(github, "notes.txt"), "not an agent");
  await writeFile(join(github, "large.md"), "x".repeat(600_000));
  await symlink(join(folder, "nowhere"), join(github, "dangling.md"));
  const { files, failures } = await readAgents(workspaceAgentFolders(folder));
  assert.deepEqual(files, [
    { path: join(github, "a.md"), origin: "workspace", text: "a" },
    { path: join(github, "b.agent.md"), origin: "workspace", text: "b" },
  ]);
  assert.deepEqual(
    failures.map(({ message }) => message.replace(github, "").replace(/:.*/, "")),
    [
      "The agent file /dangling.md cannot be read",
      "The agent file /folder.md cannot be read",
      "The agent file /large.md cannot be read",
    ],
  );
});

test("a folder of other markdown holds the agents that are named as such, and what is listed is not read", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "CHANGELOG.md"), "x".repeat(600_000));
  await Promise.all(Array.from({ length: 201 }, (_, index) => writeFile(join(folder, `${index}.md`), "no agent")));
  await writeFile(join(folder, "a.agent.md"), "x".repeat(600_000));
  const named = { path: folder, origin: "workspace", ending: ".agent.md" } as const;
  const { files, failures } = await readAgents([named]);
  assert.deepEqual([files, failures.map(({ path }) => path)], [[], [join(folder, "a.agent.md")]]);
  assert.deepEqual(await listAgents([named]), [join(folder, "a.agent.md")]);
});

test("waits for no pipe, reads no device to its end, and says how a file has to be saved", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "wide.md"), Buffer.from("\ufeff---\nname: wide\n---\n", "utf16le"));
  await writeFile(join(folder, "wider.md"), Buffer.from("---\nname: wider\n---\n", "utf16le"));
  if (process.platform !== "win32") {
    execFileSync("mkfifo", [join(folder, "pipe.md")]);
    await symlink("/dev/zero", join(folder, "device.md"));
  }
  const { files, failures } = await readAgents([{ path: folder, origin: "workspace" }]);
  assert.deepEqual(files, []);
  assert.deepEqual(
    failures.map(({ path, message }) => `${basename(path)} ${message.slice(message.indexOf(": ") + 2)}`),
    [
      ...(process.platform === "win32" ? [] : ["device.md it is no file.", "pipe.md it is no file."]),
      "wide.md it is UTF-16. Save it as UTF-8.",
      "wider.md it has null bytes, so it is UTF-16 without a mark, or no text. Save it as UTF-8.",
    ],
  );
});

test("a workspace without agents has none", async () => {
  assert.deepEqual(await readAgents(workspaceAgentFolders("/nowhere/at/all")), { files: [], failures: [] });
});

test("reads the folders below that of Claude Code, down to a depth, and no others", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "trainyard-"));
  context.after(() => rm(folder, { recursive: true }));
  const write = async (path: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), path);
  };
  const read = [".claude/agents/team/b.md", ".claude/agents/team/deep/c.md", ".claude/agents/z.md"];
  const passedOver = [
    ".claude/agents/team/README.md",
    ".claude/agents/.hidden/d.md",
    ".claude/agents/1/2/3/4/5/6/e.md",
    ".github/agents/team/f.agent.md",
  ];
  await Promise.all([...read, ...passedOver].map(write));
  await symlink(join(folder, ".claude/agents"), join(folder, ".claude/agents/team/circle"));
  const { files, failures } = await readAgents(workspaceAgentFolders(folder));
  assert.deepEqual([files.map(({ text }) => text), failures], [read, []]);
});
