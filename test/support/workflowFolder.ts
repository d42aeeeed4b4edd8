import { existsSync } from "node:fs";
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { toolsFolder } from "../../scripts/paths.mjs";
import type { WorkflowDefinition } from "../../src/core/workflow/workflowDefinition.ts";
import type { StampedEvent, WorkflowEvent } from "../../src/core/workflow/workflowEvent.ts";
import { hasFinished, type WorkflowState } from "../../src/core/workflow/workflowState.ts";
import { judgeCheckpoint } from "../../src/node/checkpoints/judgeCheckpoint.ts";
import { readNamedMetric } from "../../src/node/metrics/namedMetric.ts";
import {
  type AskAgent,
  advanceWorkflow,
  finishTask,
  type Stand,
  type WorkflowHost,
} from "../../src/node/workflow/advanceWorkflow.ts";
import { openJournalHeads } from "../../src/node/workflow/journalHeads.ts";
import type { EvidencePorts } from "../../src/node/workflow/measureProof.ts";
import { readTests } from "../../src/node/workflow/testFiles.ts";
import { openWorkflowStore, type WorkflowStore } from "../../src/node/workflow/workflowStore.ts";
import { ADA, AT, BENCH_FILES, nextEvent, outputFor, stamp, testSealer } from "./workflows.ts";

export const FACTS = [
  { topic: "ml_framework", text: "torch 2.13.0", where: "requirements.txt:1" },
  { topic: "training_script", text: "train.py", where: "train.py" },
];

export const CHECKS = [
  {
    rule: "fit-before-split",
    topic: "leakage",
    severity: "warning",
    message: "`StandardScaler` is fitted here on all rows. Split first.",
    where: "train.py:12",
    isSilenced: false,
  },
  {
    rule: "unseeded-training",
    topic: "reproducibility",
    severity: "information",
    message: "No seed is set in this script. Set one before the model is made.",
    where: "train.py:30",
    isSilenced: false,
  },
] as const;

/** A workflow in a folder, with everybody who takes part in it. */
export type WorkflowBench = {
  store: WorkflowStore;
  folder: string;
  journal: string;
  said: string[];
  advance(askAgent?: AskAgent, host?: SomeHost): Promise<Stand>;
  /** Applies an event of the person, who is refused where it does not count. */
  apply(event: WorkflowEvent, by?: StampedEvent["by"]): Promise<{ state: WorkflowState; refusal?: string }>;
  read(): Promise<WorkflowState>;
  /** Answers, approves and works by hand until the condition holds or the workflow ends. */
  finishUntil(isThere: (state: WorkflowState) => boolean, askAgent?: AskAgent, host?: SomeHost): Promise<WorkflowState>;
};

type SomeHost = Partial<Pick<WorkflowHost, "maxParallel" | "staticChecks">>;

/** With its standard library alone. */
export const BARE_PYTHON = fileURLToPath(new URL("barePython.sh", import.meta.url));

/** One that has pytest. Throws where it was not set up. */
export function pytestPython(): string {
  const python = join(toolsFolder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  if (!existsSync(python)) {
    throw new Error(`${python} does not exist. \`npm test\` sets it up.`);
  }
  return python;
}

/** Looks with the Python of the machine and the readers of the product. */
export function evidencePorts(workspaceFolder: string): EvidencePorts {
  return {
    workspaceFolder,
    python: () => Promise.resolve(BARE_PYTHON),
    readMetric: readNamedMetric,
    judgeCheckpoint,
  };
}

const PASSING_TESTS = `import unittest


class ModelTest(unittest.TestCase):
    def test_adds(self) -> None:
        self.assertEqual(1 + 1, 2)
`;

/** What the outputs of `outputFor` name: tests that pass, a metric that is better than its baseline, and key files. */
export async function writeNamedFiles(workspace: string): Promise<void> {
  await writeFile(join(workspace, "README.md"), "# Digits\n");
  await writeFile(join(workspace, "config.yaml"), "epochs: 1\n");
  await writeFile(join(workspace, "test_model.py"), PASSING_TESTS);
  await writeFile(join(workspace, "metrics.json"), '{"accuracy": 0.97}');
  await writeFile(join(workspace, "baseline.json"), '{"accuracy": 0.9}');
  // Results are younger than the workflow, whatever the clock of this machine says.
  const later = new Date(Date.parse(AT) + 3_600_000);
  await utimes(join(workspace, "metrics.json"), later, later);
}

export async function openBench(workspace: string, definition: WorkflowDefinition): Promise<WorkflowBench> {
  await writeNamedFiles(workspace);
  const bench = benchOf(workspace);
  await bench.store.begin({
    event: { kind: "started", id: "w-1", definition, task: "classify digits" },
    by: ADA,
    at: AT,
  });
  return bench;
}

/** Whoever does not say what it has read has read everything. */
function asReader(askAgent: AskAgent): AskAgent {
  return async (asked, signal) => {
    const answer = await askAgent(asked, signal);
    return answer.kind === "answered" ? { read: BENCH_FILES, ...answer } : answer;
  };
}

/** A willing person lets tests run as they are now. */
async function withHashes(due: StampedEvent | undefined, evidence: EvidencePorts): Promise<StampedEvent | undefined> {
  if (due?.event.kind !== "tests-allowed") {
    return due;
  }
  const contents = await readTests(evidence, Object.keys(due.event.files ?? {}));
  return { ...due, event: { ...due.event, ...contents } };
}

/** What a machine knows of workflows outside of every workspace; in the folder of the test, which goes with it. */
export function stateOf(workspace: string, machine = "ada's machine"): string {
  return join(workspace, ".state", machine);
}

/** The same workflow as another window, or another machine, finds it. */
export function benchOf(workspace: string, secret?: string, ports: Partial<EvidencePorts> = {}): WorkflowBench {
  const heads = openJournalHeads(stateOf(workspace, secret));
  return benchOn(openWorkflowStore(workspace, testSealer(secret), heads), "w-1", {
    ...evidencePorts(workspace),
    ...ports,
  });
}

/** A workflow that was begun by somebody else, with everybody who takes part in it. */
export function benchOn(store: WorkflowStore, id: string, evidence: EvidencePorts): WorkflowBench {
  const said: string[] = [];
  const folder = store.folderOf(id);
  const apply: WorkflowBench["apply"] = (event, by) => store.apply(id, stamp(event, by));
  const read = () => store.read(id, AT);
  const advance: WorkflowBench["advance"] = (askAgent, host) =>
    advanceWorkflow({
      store,
      id,
      signal: new AbortController().signal,
      host: {
        now: () => AT,
        facts: () => Promise.resolve(FACTS),
        staticChecks: () => Promise.resolve(CHECKS),
        maxParallel: 3,
        evidence,
        maxTokensPerTask: 1_000,
        progress: (text) => void said.push(text),
        ...host,
        ...(askAgent === undefined ? {} : { askAgent: asReader(askAgent) }),
      },
    });
  return {
    store,
    folder,
    journal: join(folder, "journal.jsonl"),
    said,
    advance,
    apply,
    read,
    async finishUntil(isThere, askAgent, host) {
      for (;;) {
        const { state, forPerson } = await advance(askAgent, host);
        if (isThere(state) || hasFinished(state)) {
          return state;
        }
        const [task] = forPerson;
        const due = await withHashes(nextEvent(state), evidence);
        const refusal =
          task === undefined
            ? due && (await store.apply(id, due)).refusal
            : await finishTask({ store, id, state, at: AT, by: ADA }, task, outputFor(task));
        if (refusal !== undefined) {
          throw new Error(refusal);
        }
      }
    },
  };
}
