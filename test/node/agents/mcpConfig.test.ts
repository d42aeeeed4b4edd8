import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "jsonc-parser";
import { planMcpServers } from "../../../src/core/agents/mcpServers.ts";
import { MCP_FILES, mergeMcpConfig } from "../../../src/node/agents/mcpConfig.ts";

const [forEditor, forRepository] = MCP_FILES;
const { servers } = planMcpServers(["git", "memory"], () => true);

test("a new file has every server in the words of its reader", () => {
  const { text, added } = mergeMcpConfig("", forEditor, servers);
  assert.deepEqual(added, ["git", "memory"]);
  assert.deepEqual(JSON.parse(text), {
    servers: {
      git: { type: "stdio", command: "uvx", args: ["mcp-server-git", "--repository", "${workspaceFolder}"] },
      memory: { type: "stdio", command: "npx", args: ["-y", "@modelcontextprotocol/server-memory"] },
    },
  });
  const { mcpServers } = JSON.parse(mergeMcpConfig("", forRepository, servers).text);
  assert.deepEqual(mcpServers.git, {
    type: "local",
    command: "uvx",
    args: ["mcp-server-git", "--repository", "."],
    tools: ["*"],
  });
});

test("entries, comments and other keys of a person stay as they are", () => {
  const before = '{\n  // ours\n  "inputs": [],\n  "servers": {\n    "git": { "command": "my-git" }, // keep\n  }\n}\n';
  const { text, added, kept } = mergeMcpConfig(before, forEditor, servers);
  assert.deepEqual([added, kept], [["memory"], ["git"]]);
  for (const part of ["// ours", '"inputs": []', "// keep"]) {
    assert.ok(text.includes(part), part);
  }
  const merged: { servers?: unknown } = parse(text);
  assert.deepEqual(merged.servers, {
    git: { command: "my-git" },
    memory: { type: "stdio", command: "npx", args: ["-y", "@modelcontextprotocol/server-memory"] },
  });
  assert.equal(mergeMcpConfig(text, forEditor, servers).text, text);
});

test("what is added is indented and ends its lines as the file does", () => {
  const tabs = '{\n\t"servers": {\n\t\t"mine": {\n\t\t\t"command": "x"\n\t\t}\n\t}\n}\n';
  const { text } = mergeMcpConfig(tabs, forEditor, servers);
  assert.match(text, /\n\t\t"git": \{\n\t\t\t"type"/);
  assert.doesNotMatch(text, /^ /m);
  const windows = mergeMcpConfig('{\r\n  "servers": {}\r\n}\r\n', forEditor, servers).text;
  assert.doesNotMatch(windows, /[^\r]\n/);
});

/** What stands in place of a server that was added. */
const shortened = (text: string) => text.replaceAll(/("(?:git|memory)": )\{\n[^]*?\n\s*\}(?=,?\n)/g, "$1…");

test("a comment stays with what it is about, and what is added comes after it", () => {
  const cases: [before: string[], after: string[]][] = [
    [
      ["{", '  "servers": {', '    "mine": { "command": "x" } // mine', "    // at the end", "  } // all", "}"],
      [
        "{",
        '  "servers": {',
        '    "mine": { "command": "x" }, // mine',
        "    // at the end",
        '    "git": …,',
        '    "memory": …',
        "  } // all",
        "}",
      ],
    ],
    [
      ["{", '    "servers": {', '        "mine": {"command": "x"}, // mine', "    },", "    // last", "}"],
      [
        "{",
        '    "servers": {',
        '        "mine": {"command": "x"}, // mine',
        '        "git": …,',
        '        "memory": …,',
        "    },",
        "    // last",
        "}",
      ],
    ],
    [
      ["{", "  // nothing yet, not even a comma,", "}"],
      ["{", "  // nothing yet, not even a comma,", '  "servers": {', '    "git": …,', '    "memory": …', "  }", "}"],
    ],
    [
      ["{", '  "inputs": [] /* none, so far */', "}"],
      ["{", '  "inputs": [], /* none, so far */', '  "servers": {', '    "git": …,', '    "memory": …', "  }", "}"],
    ],
  ];
  for (const [before, after] of cases) {
    const { text } = mergeMcpConfig(`${before.join("\n")}\n`, forEditor, servers);
    assert.equal(shortened(text), `${after.join("\n")}\n`);
  }
});

test("a file that is no JSON is refused and named", () => {
  for (const text of ["{ servers", "[]", '{"servers": []}', '{"servers": 3}', '{"servers": null}', "null"]) {
    assert.throws(
      () => mergeMcpConfig(text, forEditor, servers),
      /\.vscode\/mcp\.json is not JSON .*left as it is/,
      text,
    );
  }
});
