import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkKeyFiles } from "../../../src/node/workflow/keyFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { evidencePorts, openBench } from "../../support/workflowFolder.ts";
import { BENCH_FILES, outputFor, shippedWorkflow } from "../../support/workflows.ts";

const develop = shippedWorkflow("ml-development");
const [sources = assert.fail()] = develop.phases[1]?.steps[0]?.tasks ?? [];
const [patterns = assert.fail()] = develop.phases[0]?.steps[0]?.tasks ?? [];

const naming = (...paths: string[]) => ({
  kind: "notes" as const,
  summary: "s",
  sections: [],
  keyFiles: paths.map((path) => ({ path, reason: "r" })),
});

test("an explorer names five to ten key files, or all of a smaller project, and only what it has read", async (context) => {
  const workspace = temporaryFolder(context);
  const names = Array.from({ length: 12 }, (_, index) => `file${index}.py`);
  const check = async (named: string[], read: string[], expected: readonly RegExp[]) => {
    const found = await checkKeyFiles(evidencePorts(workspace), sources, { output: naming(...named), read });
    assert.equal(found.length, expected.length, JSON.stringify(found));
    expected.forEach((pattern, index) => assert.match(found[index]?.toAgent ?? "", pattern));
  };
  const [first = "", second = "", third = ""] = names;
  await Promise.all([first, second].map((name) => writeFile(join(workspace, name), "")));
  await check([first, second], [first, second], []);
  await check([first], [first], [/Name at least 2 key files, and not 1/]);
  await Promise.all(names.map((name) => writeFile(join(workspace, name), "")));
  await check(names.slice(0, 5), names, []);
  await check(names.slice(0, 4), names, [/at least 5 key files, and not 4/]);
  await check([first, first, `./${first}`, `${first}:3`, join(workspace, first)], names, [
    /at least 5 key files, and not 1/,
  ]);
  await check(names.slice(0, 11), names, [/at most 10 key files, and not 11/]);
  await check(
    names.slice(0, 5),
    [`./${first}`, join(workspace, second)],
    [new RegExp(`You have not read ${third}`), /not read file3/, /not read file4/],
  );
  assert.deepEqual(
    await checkKeyFiles(evidencePorts(workspace), patterns, { output: naming(first), read: [] }),
    [],
    "where nothing is asked for, nothing is missed",
  );
});

test("an explorer that has read nothing is asked again, and told so", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  const briefs: string[] = [];
  const state = await bench.finishUntil(
    ({ current }) => current === 2,
    ({ task, brief }) => {
      const isAgain = brief.includes("You have not read");
      if (task.id === "sources") {
        briefs.push(brief);
      }
      const read = isAgain || task.id !== "sources" ? BENCH_FILES : [];
      const text = `\`\`\`json\n${JSON.stringify(outputFor(task))}\n\`\`\``;
      return Promise.resolve({ kind: "answered", text, tokens: 1, read });
    },
  );
  assert.equal(briefs.length, 2);
  assert.match(briefs[0] ?? "", /Name 5 to 10 key files, .*none that you have not read here with `read_file`/);
  assert.match(briefs[1] ?? "", /You have not read test_model\.py\. Read it/);
  assert.equal(state.phases[1]?.tasks["sources"]?.kind, "done");
});
