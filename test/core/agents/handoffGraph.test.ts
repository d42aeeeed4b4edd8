import assert from "node:assert/strict";
import { test } from "node:test";
import { collectAgents } from "../../../src/core/agents/agentCatalog.ts";
import { buildHandoffGraph } from "../../../src/core/agents/handoffGraph.ts";
import { findSendCircles } from "../../../src/core/agents/sendCircles.ts";

/** `a>b` hands on, `a>>b` sends by itself. */
function catalogOf(...agents: readonly string[]) {
  const files = agents.map((line) => {
    const [name = "", ...arrows] = line.split(" ");
    const handoffs = arrows.map((arrow) => {
      const send = arrow.startsWith(">>");
      const [agent = "", label = agent] = arrow.replace(/^>+/, "").split(":");
      return `  - {label: ${label}, agent: ${agent}, prompt: Please., send: ${send}}`;
    });
    const front = ["---", `name: ${name}`, "description: Helps.", ...(handoffs.length > 0 ? ["handoffs:"] : [])];
    return {
      path: `.github/agents/${name}.agent.md`,
      origin: "workspace" as const,
      text: [...front, ...handoffs, "---", "Help."].join("\n"),
    };
  });
  return collectAgents(files, { isWorkspaceTrusted: true });
}

function problemsOf(...agents: readonly string[]): string[] {
  return catalogOf(...agents).problems.map(({ code, path, range }) => {
    const name = path.split("/").at(-1)?.split(".")[0];
    return `${code} ${name}:${range.start.line + 1}`;
  });
}

test("the graph has every agent, every target that is missing, and one edge for all buttons between two", () => {
  const graph = buildHandoffGraph(catalogOf("a >b:One >>b:Two >b:Three >ghost", "b"), ["a"]);
  assert.deepEqual(
    graph.nodes.map(({ name, kind }) => [name, kind]),
    [
      ["a", "participant"],
      ["b", "custom-agent"],
      ["ghost", "missing"],
    ],
  );
  assert.deepEqual(graph.edges, [
    { from: "a", to: "b", labels: ["One", "Two", "Three"], sendsByItself: true },
    { from: "a", to: "ghost", labels: ["ghost"], sendsByItself: false },
  ]);
});

test("a circle of sends is reported at each send in it, with the way round", () => {
  assert.deepEqual(problemsOf("a >>b", "b >>c", "c >>a >>d", "d"), [
    "send-circle a:5",
    "send-circle b:5",
    "send-circle c:5",
  ]);
  const [first] = catalogOf("a >>b", "b >>a").problems;
  assert.match(first?.message ?? "", /in a circle: a → b → a\. Write `send: false`/);
});

test("a circle that waits for a person somewhere is none", () => {
  assert.deepEqual(problemsOf("a >>b", "b >a"), []);
});

test("a handoff to itself and two buttons of one name are reported", () => {
  assert.deepEqual(problemsOf("a >>a"), ["handoff-to-itself a:5"]);
  assert.deepEqual(problemsOf("a >b:Go >c:Go", "b", "c"), ["duplicate-handoff a:6"]);
});

test("large graphs take little time", () => {
  const sends = Array.from({ length: 300 }, (_, index) => ({ from: `${index}`, to: `${(index + 1) % 300}` }));
  assert.equal(findSendCircles(sends).length, 300);
});
