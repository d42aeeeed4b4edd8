import assert from "node:assert/strict";
import { test } from "node:test";
import { describeMcp, describeMerges } from "../../../src/core/agents/describeMcp.ts";
import { argumentsOf, askedServers, planMcpServers, serversForFolders } from "../../../src/core/agents/mcpServers.ts";

test("plans each server once, and only where its command is installed", () => {
  const plan = planMcpServers(["filesystem", "git", "git"], (command) => command === "npx");
  assert.deepEqual(
    plan.servers.map(({ name }) => name),
    ["filesystem"],
  );
  assert.deepEqual(plan.missing, ["Git (git) needs `uvx`. Install uv (`pip install uv`), which brings `uvx`."]);
});

test("git is started as the Python package it is, in the workspace", () => {
  const [git] = planMcpServers(["git"], () => true).servers;
  assert.ok(git);
  assert.deepEqual([git.command, ...argumentsOf(git, "/w")], ["uvx", "mcp-server-git", "--repository", "/w"]);
});

test("a server that is told of a folder is started for each of them, and any other one once", () => {
  const { servers } = planMcpServers(["git", "aws"], () => true);
  const one = { name: "a", path: "/a" };
  const started = (...folders: { name: string; path: string }[]) =>
    serversForFolders(servers, folders).map(({ label, args }) => `${label}: ${args.join(" ")}`);
  assert.deepEqual(started(one), ["Git: mcp-server-git --repository /a", "AWS: awslabs.aws-api-mcp-server"]);
  assert.deepEqual(started(one, { name: "b", path: "/b" }), [
    "Git (a): mcp-server-git --repository /a",
    "Git (b): mcp-server-git --repository /b",
    "AWS: awslabs.aws-api-mcp-server",
  ]);
});

test("says what has no server, and which names are known", () => {
  const { servers, missing } = planMcpServers(["postgres", "jira"], () => true);
  assert.deepEqual(servers, []);
  assert.match(
    missing.join("\n"),
    /^postgres: this would let agents ask a PostgreSQL database\. .*no longer maintained.*\njira: no server of this name is known. Known are git, /,
  );
  assert.match(describeMcp({ servers, missing }), /^None of the servers .*\n\nNot available:\n\n- postgres: /);
});

test("reads the names from front matter and passes over anything else", () => {
  assert.deepEqual(askedServers({ mcp: ["git", 3, { name: "x" }] }), ["git"]);
  assert.deepEqual(askedServers({ mcp: "git" }), []);
  assert.deepEqual(askedServers({}), []);
});

test("says of each file what was added and what was there", () => {
  const merges = [
    { path: ".vscode/mcp.json", added: ["memory"], kept: ["git"] },
    { path: ".github/mcp-config.json", added: ["git", "memory"], kept: [] },
  ];
  assert.equal(
    describeMerges(merges),
    "Added memory to .vscode/mcp.json and git, memory to .github/mcp-config.json. There already, and left as it was: git in .vscode/mcp.json.",
  );
  assert.equal(
    describeMerges([{ path: "a", added: [], kept: ["git"] }]),
    "There already, and left as it was: git in a.",
  );
});
