import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { renderStatus } from "../../../src/core/workflow/renderDocuments.ts";
import { tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import { hasFinished } from "../../../src/core/workflow/workflowState.ts";
import type { AskAgent } from "../../../src/node/workflow/advanceWorkflow.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { benchOf, openBench } from "../../support/workflowFolder.ts";
import { AT, nextEvent, outputFor, shippedWorkflow } from "../../support/workflows.ts";

/** What only the person does. */
const PERSONS = new Set(["answered", "approved"]);

const develop = shippedWorkflow("ml-development");
const fenced = (value: object) => `As asked:\n\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;
const willing: AskAgent = ({ task }) => Promise.resolve({ kind: "answered", text: fenced(outputFor(task)), tokens: 7 });

test("without a model the documents are filled from answers and facts, and say so", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  const text = await readFile(join(bench.folder, "documents", "01-problem-analysis.md"), "utf8");
  assert.match(text, /\| What counts as success\? \| known \|/);
  assert.match(text, /torch 2\.13\.0 \(requirements\.txt:1\)/);
  assert.match(text, /Filled in without a language model/);
  assert.match(text, /Not known yet\. Write it here/);
  assert.match(bench.said[0] ?? "", /^\*\*Phase 1 of 12: Problem Analysis\*\*/);
});

test("what is filled in without a model says nothing twice, and a request that nobody follows is named", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  await bench.finishUntil(({ phases }) => phases[5]?.kind === "awaiting-approval");
  for (const name of await readdir(join(bench.folder, "documents"))) {
    const text = await readFile(join(bench.folder, "documents", name), "utf8");
    const lines = text
      .split("\n")
      .filter((line) => /^[-_]|^[A-Z]/.test(line) && !/Not known yet|`train\.py`/.test(line));
    assert.deepEqual([...new Set(lines)], lines, name);
  }
  await bench.apply({ kind: "revised", note: "a fairer metric" });
  await bench.advance();
  const text = await readFile(join(bench.folder, "documents", "06-evaluation-strategy.md"), "utf8");
  assert.match(
    text,
    /Asked for: a fairer metric\n\n⚠ No language model was at work, so nobody has followed this request/,
  );
});

test("every phase is announced once, in order, with a model too", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  const numbers = () => bench.said.flatMap((text) => /^\*\*Phase (\d+) of 12/.exec(text)?.[1] ?? []);
  await bench.finishUntil(hasFinished, (asked, signal) => {
    const phase = develop.phases.findIndex((each) => tasksOf(each).some(({ id }) => id === asked.task.id));
    assert.equal(numbers().at(-1), `${phase + 1}`, `${asked.task.id} is at work once its phase was announced`);
    return willing(asked, signal);
  });
  const announced = [...new Set(numbers())];
  assert.deepEqual(
    announced,
    Array.from({ length: 12 }, (_, index) => `${index + 1}`),
  );
  assert.equal((await readdir(join(bench.folder, "documents"))).length, 12);
});

test("an answer of the wrong form is asked for again twice, and then the person decides", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "working" || phases[0]?.kind === "awaiting-approval");
  const briefs: string[] = [];
  const useless: AskAgent = ({ brief, task }) => {
    briefs.push(`${task.id} ${brief}`);
    return Promise.resolve({
      kind: "answered",
      text: task.id === "schema" ? "I approve." : fenced(outputFor(task)),
      tokens: 7,
    });
  };
  const state = await bench.read();
  await bench.apply({ kind: "approved", phase: 0, hashes: state.documents });
  const { effects } = await bench.advance(useless);
  assert.deepEqual(
    effects.map((effect) => (effect.kind === "ask-about-failures" ? effect.tasks.map(({ id }) => id) : effect.kind)),
    [["schema"]],
  );
  const asked = briefs.filter((brief) => brief.startsWith("schema"));
  assert.equal(asked.length, 3);
  assert.match(asked[1] ?? "", /Your answer before did not have the form: no block of JSON was found/);
  const failed = await bench.read();
  const { schema } = failed.phases[1]?.tasks ?? {};
  assert.equal(
    schema?.kind === "failed" ? schema.reason : "",
    "ml-explorer answered three times, and no answer could be used. The last one: it is only text, without the parts that are asked for.",
  );
  assert.equal(failed.phases[1]?.tasks["sources"]?.kind, "done", "the others' work is kept");
});

test("an agent that only calls tools is said to have given no answer", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval");
  await bench.apply({ kind: "approved", phase: 0, hashes: (await bench.read()).documents });
  const briefs: string[] = [];
  await bench.advance(({ brief, task }) => {
    briefs.push(...(task.id === "schema" ? [brief] : []));
    return task.id === "schema"
      ? Promise.resolve({ kind: "answered", text: "Let me look.", endsInTools: true, tokens: 7 })
      : Promise.resolve({ kind: "answered", text: fenced(outputFor(task)), tokens: 7 });
  });
  assert.match(briefs[1] ?? "", /you kept calling tools and gave no answer; call fewer of them/);
  const { schema } = (await bench.read()).phases[1]?.tasks ?? {};
  const reason = "ml-explorer was asked three times, kept calling tools and gave no answer.";
  assert.equal(schema?.kind === "failed" ? schema.reason : "", reason);
});

test("the agents of one step are at work at the same time", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  const atWork = new Map<string, () => void>();
  // Nobody answers before all of the step are there, so that working in turn would never end.
  const together: AskAgent = ({ task }) =>
    new Promise((resolve) => {
      atWork.set(task.id, () => resolve({ kind: "answered", text: fenced(outputFor(task)), tokens: 7 }));
      const step = develop.phases
        .flatMap(({ steps }) => steps)
        .find(({ tasks }) => tasks.some(({ id }) => id === task.id));
      if (step?.tasks.every(({ id }) => atWork.has(id)) === true) {
        step.tasks.forEach(({ id }) => atWork.get(id)?.());
      }
    });
  assert.equal((await bench.finishUntil(({ current }) => current === 3, together)).current, 3);
});

test("an agent gets what earlier agents left, as the person changed it, and never an empty output", async (context) => {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("mlops-pipeline"));
  const briefs = new Map<string, string>();
  const noting: AskAgent = ({ agent, brief, task }) => {
    briefs.set(agent, brief);
    return Promise.resolve({ kind: "answered", text: fenced(outputFor(task)), tokens: 7 });
  };
  await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval", noting);
  assert.match(
    briefs.get("data-scientist") ?? "",
    /<output of="data-engineer">\s+# Data ingestion, quality and storage/,
  );
  assert.match(briefs.get("data-engineer") ?? "", /experiment_tracking: mlflow/);
  await writeFile(join(bench.folder, "outputs", "01-data-and-requirements", "data-engineering.md"), "   \n");
  await bench
    .finishUntil(
      ({ phases }) => phases[1]?.kind === "working" && phases[1].tasks["training"]?.kind === "failed",
      noting,
    )
    .catch(() => undefined);
  const task = (await bench.read()).phases[1]?.tasks["training"];
  assert.match(task?.kind === "failed" ? task.reason : "", /\{phase1\.data-engineer\.output\} is missing or empty/);
});

test("the skills of the workspace stand in the brief of every agent", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  for (const folder of [".github/skills/polars", ".claude/skills/shap", ".github/skills/empty"]) {
    await mkdir(join(workspace, folder), { recursive: true });
  }
  await writeFile(join(workspace, ".github/skills/polars/SKILL.md"), "---\nname: polars\ndescription: Tables\n---\n");
  await writeFile(join(workspace, ".claude/skills/shap/SKILL.md"), "---\nname: shap\ndescription: Explain\n---\n");
  const briefs = new Map<string, string>();
  await bench.finishUntil(hasFinished, (asked, signal) => {
    briefs.set(asked.task.id, asked.brief);
    return willing(asked, signal);
  });
  // Nothing is repaired where every check passes.
  const due = develop.phases.flatMap(tasksOf).filter(({ id }) => id !== "repair");
  assert.deepEqual([...briefs.keys()].toSorted(), due.map(({ id }) => id).toSorted());
  for (const [task, brief] of briefs) {
    assert.match(brief, /with `trainyard_workflow` and the action `read_file`/, task);
    assert.match(
      brief,
      /- \.github\/skills\/polars\/SKILL\.md: polars: Tables\n- \.claude\/skills\/shap\/SKILL\.md: shap/,
    );
  }
});

test("later agents are told what the person chose", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  let brief = "";
  await bench.finishUntil(
    ({ current }) => current === 6,
    (asked, signal) => {
      ({ brief } = asked);
      return willing(asked, signal);
    },
  );
  assert.match(
    brief,
    /The person decided: Risk Assessment: None blocks: go on \(go-on\); Model Architecture: Baseline \(baseline\)/,
  );
});

test("a finding below 80 is kept for audit and not reported", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  await mkdir(join(workspace, "src"));
  await writeFile(join(workspace, "src", "train.py"), "import torch\n".repeat(12));
  const finding = { title: "Leak", severity: "high", evidence: "", detail: "d", fix: "f" };
  const output = {
    kind: "findings",
    findings: [
      { ...finding, confidence: 80 },
      { ...finding, title: "Guess", confidence: 79.9 },
      { ...finding, title: "Seen", confidence: 91, evidence: "src/train.py:12" },
      { ...finding, title: "Said", confidence: 85, evidence: "it has surely failed somewhere" },
      { ...finding, title: "Run", confidence: 85, evidence: "`pytest`: 1 failed, exit code 1" },
      { ...finding, title: "Worst", severity: "critical", confidence: 80 },
    ],
  };
  await bench.finishUntil(
    ({ phases }) => phases[9]?.kind === "awaiting-approval",
    (asked) =>
      asked.task.output.kind === "findings"
        ? Promise.resolve({ kind: "answered", text: fenced(output), tokens: 7 })
        : willing(asked, new AbortController().signal),
  );
  const text = await readFile(join(bench.folder, "documents", "10-quality-review.md"), "utf8");
  const [reported = "", kept = ""] = text.split("Kept for audit");
  assert.match(reported, /\| Leak \| high \| 80 \| ⚠ no evidence \|/);
  assert.match(reported, /\| Seen \| high \| 91 \| src\/train\.py:12 \|/);
  assert.match(reported, /\| Said \| high \| 85 \| it has surely failed somewhere ⚠ names no line and no tool \|/);
  assert.match(reported, /\| Run \| high \| 85 \| `pytest`: 1 failed, exit code 1 \|/);
  assert.match(reported, /\| Worst \|[^]*\| Seen \|[^]*\| Leak \|/, "the gravest first, then the surest");
  assert.doesNotMatch(reported, /Guess/);
  assert.match(kept, /Guess/);
});

test("two windows on one workflow work on each task once", async (context) => {
  const workspace = temporaryFolder(context);
  const one = await openBench(workspace, develop);
  const two = benchOf(workspace);
  const asked: string[] = [];
  const noting: AskAgent = async (request, signal) => {
    asked.push(request.task.id);
    return willing(request, signal);
  };
  for (let state = await one.read(); state.current < 4; state = await one.read()) {
    await Promise.all([one.advance(noting), two.advance(noting)]);
    const due = nextEvent(await one.read());
    if (due !== undefined && PERSONS.has(due.event.kind)) {
      await one.store.apply("w-1", due);
    }
  }
  assert.deepEqual(
    asked.toSorted((a, b) => a.localeCompare(b)),
    [...new Set(asked)].toSorted((a, b) => a.localeCompare(b)),
  );
  assert.ok(asked.length >= 8);
  assert.deepEqual(await readdir(join(one.folder, "leases")), []);
});

test("a task whose window was killed is worked on by the next one", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  await mkdir(join(bench.folder, "leases"), { recursive: true });
  const dead = { pid: 999_999_999, startTime: "x:1", host: hostname(), turn: "t" };
  await writeFile(join(bench.folder, "leases", "patterns.json"), JSON.stringify(dead));
  await writeFile(join(bench.folder, "leases", "sources.json"), '{"pid":');
  assert.equal((await bench.finishUntil(({ current }) => current === 2, willing)).current, 2);
});

test("what agents took is summed, shown, and bounded", async (context) => {
  const bench = await openBench(temporaryFolder(context), develop);
  const state = await bench.finishUntil(({ phases }) => phases[0]?.kind === "awaiting-approval", willing);
  assert.equal(state.tokens, 7);
  assert.match(renderStatus(state), /Language models took about 7 tokens so far\./);
  assert.ok(
    bench.said.includes("✓ Existing models and pipelines (ml-explorer), about 7 tokens"),
    bench.said.join("\n"),
  );

  await bench.apply({ kind: "approved", phase: 0, hashes: state.documents });
  const limits: number[] = [];
  await bench.advance(({ maxTokens }) => {
    limits.push(maxTokens);
    return Promise.resolve({ kind: "answered", text: "no JSON", tokens: 600 });
  });
  assert.deepEqual(
    limits.toSorted((a, b) => a - b),
    [400, 400, 400, 1_000, 1_000, 1_000],
  );
  const after = await bench.read();
  assert.equal(after.tokens, 7 + 3 * 1_200, "what failed was paid for too");
  for (const task of Object.values(after.phases[1]?.tasks ?? {})) {
    assert.match(task.kind === "failed" ? task.reason : "", /about 1,200 tokens, which is what one agent may take/);
  }
});

test("what reading the code found stands in the brief of the tasks for it, and fills their outputs without a model", async (context) => {
  const withModel = await openBench(temporaryFolder(context), develop);
  const briefs = new Map<string, string>();
  await withModel.finishUntil(
    ({ current }) => current === 3,
    (asked, signal) => {
      briefs.set(asked.task.id, asked.brief);
      return willing(asked, signal);
    },
  );
  assert.match(briefs.get("leakage-and-shift") ?? "", /- train\.py:12: fit-before-split: `StandardScaler` is fitted/);
  assert.doesNotMatch(briefs.get("data-quality") ?? "", /fit-before-split/);

  const without = await openBench(temporaryFolder(context), develop);
  await without.finishUntil(({ phases }) => phases[9]?.kind === "awaiting-approval");
  const risks = await readFile(join(without.folder, "documents", "03-risk-assessment.md"), "utf8");
  assert.match(
    risks,
    /\| leakage \| high \| `StandardScaler` is fitted here .*\| train\.py:12 \(fit-before-split\) \|/,
  );
  assert.match(risks, /\| reproducibility \| medium \| No seed .*\| train\.py:30 \(unseeded-training\) \|/);
  const review = await readFile(join(without.folder, "documents", "10-quality-review.md"), "utf8");
  const [reported = "", kept = ""] = review.split("Kept for audit");
  assert.match(reported, /\| fit-before-split \| high \| 90 \| train\.py:12 \| .* \| Split first\. \|/);
  assert.match(kept, /\| unseeded-training \| low \| 60 \|/);
});

test("a workflow that cannot be read hides no other", async (context) => {
  const workspace = temporaryFolder(context);
  const bench = await openBench(workspace, develop);
  await mkdir(join(workspace, ".trainyard", "workflows", "w-2", "journal.jsonl"), { recursive: true });
  const { workflows, unreadable } = await bench.store.list(AT);
  assert.deepEqual(
    workflows.map(({ id }) => id),
    ["w-1"],
  );
  assert.deepEqual(
    unreadable.map(({ id }) => id),
    ["w-2"],
  );
});

test("deliverables are composed of the documents as they were approved last, code as it is", async (context) => {
  const bench = await openBench(temporaryFolder(context), shippedWorkflow("mlops-pipeline"));
  await bench.finishUntil(({ phases }) => phases[3]?.kind === "awaiting-approval", willing);
  const source = join(bench.folder, "outputs", "03-production-deployment", "deployment.md");
  await appendFile(source, "\n## Mine\n\n`ci/deploy.sh`\n\n```bash\n#!/usr/bin/env bash\n# deploy\n```\n");
  await bench.finishUntil(hasFinished, willing);
  await bench.advance(willing);
  const deliverable = join(bench.folder, "deliverables", "ci-cd.md");
  assert.match(
    await readFile(deliverable, "utf8"),
    /\n### Mine\n\n`ci\/deploy\.sh`\n\n```bash\n#!\/usr\/bin\/env bash\n# deploy\n```\n/,
  );
  const file = await readFile(join(bench.folder, "deliverables", "files", "ci", "deploy.sh"), "utf8");
  assert.equal(file, "#!/usr/bin/env bash\n# deploy\n");
  await writeFile(deliverable, "# Edited\n");
  await bench.advance(willing);
  assert.equal(await readFile(deliverable, "utf8"), "# Edited\n");
});
