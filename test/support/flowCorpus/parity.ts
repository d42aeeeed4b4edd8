import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PythonParser } from "../../../src/core/base/pythonSyntax.ts";
import { buildGraph } from "../../../src/core/metaflow/graph/flowGraph.ts";
import type { FlowFile } from "../../../src/core/metaflow/graph/flowSource.ts";
import { flowsIn } from "../../../src/core/metaflow/graph/linkFlow.ts";
import { outputSteps } from "../../../src/core/metaflow/graph/outputSteps.ts";
import { readFlowFile } from "../../../src/core/metaflow/graph/readFlowFile.ts";
import { renderDot } from "../../../src/core/metaflow/graph/renderDot.ts";
import { lintFlow, METAFLOW_RULES } from "../../../src/core/metaflow/lint/lintFlow.ts";
import { breakFlow } from "./breakFlow.ts";
import { renderModel } from "./flowModel.ts";
import { generateFlow } from "./generateFlow.ts";

/** One flow of the corpus: its module and, where it is broken, how. */
export type CorpusFlow = { name: string; mistake?: string; files: ReadonlyMap<string, string> };

/** `valid` flows of all constructs, and `broken` ones with one mistake each. */
export function generateCorpus(seed: number, valid: number, broken: number): CorpusFlow[] {
  const whole = Array.from({ length: valid }, (_, index): CorpusFlow => {
    const name = `valid_${seed + index}`;
    return { name, files: renderModel(generateFlow(seed + index), name) };
  });
  const others = Array.from({ length: broken }, (_, index): CorpusFlow => {
    const name = `broken_${seed + index}`;
    const { model, mistake } = breakFlow(seed + 50_000 + index);
    return { name, mistake, files: renderModel(model, name) };
  });
  return [...whole, ...others];
}

export async function writeCorpus(folder: string, corpus: readonly CorpusFlow[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { files } of corpus) {
    for (const [name, text] of files) {
      await writeFile(join(folder, `${name}.py`), text);
    }
  }
}

/** What Metaflow says of a flow. */
export type OracleAnswer = {
  name: string;
  error?: string;
  flow?: string;
  order?: string[];
  mistake?: { rule: string; line?: number | null; step: string | null; crash?: string } | null;
  graph?: unknown;
  dot?: string;
};

/** Asks Metaflow about all flows in one process. */
export async function askMetaflow(
  python: string,
  folder: string,
  corpus: readonly CorpusFlow[],
): Promise<Map<string, OracleAnswer>> {
  const child = spawn(python, [join(import.meta.dirname, "oracle.py"), folder], {
    cwd: folder,
    env: { ...process.env, METAFLOW_USER: "tester", PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  child.stdin.end(corpus.map(({ name }) => `${name}\n`).join(""));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (exitCode !== 0) {
    throw new Error(`Metaflow ended with exit code ${exitCode}: ${output.stderr.slice(-2000)}`);
  }
  const answers = output.stdout
    .trim()
    .split("\n")
    .map((line): OracleAnswer => JSON.parse(line));
  return new Map(answers.map((answer) => [answer.name, answer]));
}

/** What Trainyard reads from the same files, in the same shape. */
export function askTrainyard(
  parser: PythonParser,
  folder: string,
  flow: CorpusFlow,
): OracleAnswer & { orphans: string[] } {
  const files = new Map<string, FlowFile>();
  const read = (module: string): FlowFile | undefined => {
    const text = flow.files.get(module);
    if (text !== undefined && !files.has(module)) {
      const path = join(folder, `${module}.py`);
      files.set(
        module,
        parser.read(text.replace(/^\ufeff/, ""), (root) => readFlowFile(root, { path, text, hasBodies: true })),
      );
    }
    return files.get(module);
  };
  const file = read(flow.name);
  const found = file && flowsIn(file, (_, module) => read(module)).at(-1);
  if (!found) {
    return { name: flow.name, error: "no flow", orphans: [] };
  }
  const find = (_: FlowFile, module: string) => read(module);
  const graph = buildGraph(found);
  const ids = new Set(METAFLOW_RULES.map(({ id }) => id));
  const findings = lintFlow(found, find, () => true).filter(({ code }) => ids.has(code));
  const [first] = findings;
  const answer = {
    name: flow.name,
    flow: found.name,
    order: [...graph.order],
    mistake: first ? { rule: first.code, step: first.step ?? null } : null,
    orphans: findings.filter(({ code }) => code === "orphans").flatMap(({ step }) => step ?? []),
  };
  return first ? answer : { ...answer, graph: outputSteps(graph, find), dot: renderDot(graph) };
}

/** The names of Metaflow's checks that Trainyard calls otherwise. */
const RULES: Readonly<Record<string, string>> = {
  "that-end-is-end": "end-is-end",
  "for-acyclicity": "acyclicity",
  "for-orphans": "orphans",
  "join-followed-by-parallel-step": "join-after-parallel",
  "parallel-foreach-calls-parallel-step": "parallel-foreach-calls",
};

/** Trainyard's rule for the function of Metaflow's lint that found a mistake. */
export function ruleOf(check: string): string {
  const name = check.replace(/^check_/, "").replaceAll("_", "-");
  return RULES[name] ?? name;
}
