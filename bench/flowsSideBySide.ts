import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { PythonParser } from "../src/core/base/pythonSyntax.ts";
import { buildGraph } from "../src/core/metaflow/graph/flowGraph.ts";
import { flowsIn } from "../src/core/metaflow/graph/linkFlow.ts";
import { outputSteps } from "../src/core/metaflow/graph/outputSteps.ts";
import { readFlowFile } from "../src/core/metaflow/graph/readFlowFile.ts";
import { checkFlow } from "../src/core/metaflow/lint/checkFlow.ts";
import { loadPythonParser } from "../src/node/base/pythonParser.ts";
import { stackedDiamonds } from "../test/support/flowCorpus/largeFlows.ts";
import { askTrainyard, generateCorpus, writeCorpus } from "../test/support/flowCorpus/parity.ts";
import { repositoryRoot, samplePython } from "../test/support/python.ts";

/** Milliseconds of CPU time and of the clock. */
type Spent = { cpuMs: number; wallMs: number };

// Metaflow's time doubles with each diamond; beyond this it would be minutes.
const MAX_PEER_MS = 30_000;

const SAMPLED_FLOWS = 9;

const rounds = Number(process.argv[2] ?? "7");

/** A typical flow: six steps, a foreach, parameters and decorators. */
const ONE_FLOW = `from metaflow import FlowSpec, Parameter, card, resources, retry, step


class SweepFlow(FlowSpec):
    """Trains once for each rate and keeps the best."""

    seed = Parameter("seed", default=42, help="Seed of the split")

    @step
    def start(self):
        """Checks the parameters and lays out the grid."""
        if self.seed < 0:
            raise ValueError("seed must not be negative")
        self.rates = [0.001, 0.01, 0.1]
        self.next(self.load)

    @step
    def load(self):
        """Reads the data."""
        self.rows = list(range(100))
        self.next(self.train, foreach="rates")

    @resources(cpu=4, memory=16000)
    @retry(times=2)
    @step
    def train(self):
        """Trains one rate."""
        self.rate = self.input
        self.score = self.rate * len(self.rows)
        self.next(self.join)

    @step
    def join(self, inputs):
        """Keeps the best."""
        self.best = max(inputs, key=lambda each: each.score).rate
        self.next(self.evaluate)

    @card
    @step
    def evaluate(self):
        """Shows the best."""
        print(self.best)
        self.next(self.end)

    @step
    def end(self):
        """Says which rate won."""
        print("best", self.best)


if __name__ == "__main__":
    SweepFlow()
`;

const folder = await mkdtemp(join(tmpdir(), "trainyard-bench-"));
try {
  await compareAll(await loadPythonParser());
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compareAll(parser: PythonParser): Promise<void> {
  print("", "Metaflow", "Trainyard", "ratio (clock)");
  await writeFile(join(folder, "sweep.py"), ONE_FLOW);
  await compareProcesses();
  const peer = startPeer();
  try {
    await compareInProcess(parser, peer);
    await compareCorpus(parser);
    await compareDiamonds(parser, peer);
  } finally {
    peer.child.kill();
  }
}

async function compareProcesses(): Promise<void> {
  const cli = join(repositoryRoot, "dist", "cli.js");
  const local = ["sweep.py", "--quiet", "--no-pylint", "--metadata", "local", "--datastore", "local"];
  const tasks = [
    { title: "the graph of one flow, a process each", asked: ["output-raw", "--json"], own: ["graph", "--json"] },
    { title: "one flow checked, a process each", asked: ["check"], own: ["check"] },
  ];
  for (const { title, asked, own } of tasks) {
    const theirs: Spent[] = [];
    const ours: Spent[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      theirs.push(await runProcess(samplePython(), [...local, ...asked]));
      ours.push(await runProcess(process.execPath, [cli, ...own, "sweep.py"]));
    }
    // The first round warms the disk.
    row(title, median(theirs.slice(1)), median(ours.slice(1)));
  }
}

async function compareInProcess(parser: PythonParser, peer: Peer): Promise<void> {
  const read = () => graphOf(parser, ONE_FLOW);
  // Both run already: as warm as the parser of an editor that has been typed in for a while.
  measure(read, 2000);
  const own = measure(read, 500);
  const running = await peer.ask(`flow sweep ${rounds * 5}`);
  row("one flow, both running already", running, own);
  const asProcess = await runProcess(samplePython(), ["sweep.py", "--quiet", "--no-pylint", "output-raw", "--json"]);
  row("one flow, Metaflow as a process, Trainyard running", asProcess, own);
}

function graphOf(parser: PythonParser, text: string): void {
  const file = parser.read(text, (tree) => readFlowFile(tree, { path: "flow.py", text, hasBodies: false }));
  flowsIn(file, () => undefined).forEach((flow) => outputSteps(buildGraph(flow), () => undefined));
}

async function compareCorpus(parser: PythonParser): Promise<void> {
  const corpus = generateCorpus(1, 400, 400);
  const flows = join(folder, "corpus");
  await writeCorpus(flows, corpus);
  const requests = join(folder, "requests");
  await writeFile(requests, corpus.map(({ name }) => `${name}\n`).join(""));
  const ours = measure(() => corpus.forEach((flow) => askTrainyard(parser, flows, flow)), 1);
  const oracle = join(repositoryRoot, "test", "support", "flowCorpus", "oracle.py");
  const together = await runProcess(samplePython(), [oracle, flows], requests);
  row("800 flows read and checked, one process each side", together, ours);
  // What Metaflow's own command line needs: a process for each. A sample of them, counted up.
  const sample = corpus.slice(0, SAMPLED_FLOWS).map(({ name }) => name);
  const each: Spent[] = [];
  for (const name of sample) {
    each.push(
      await runProcess(samplePython(), [
        join("corpus", `${name}.py`),
        "--quiet",
        "--no-pylint",
        "output-raw",
        "--json",
      ]),
    );
  }
  const typical = median(each);
  const many = { cpuMs: typical.cpuMs * corpus.length, wallMs: typical.wallMs * corpus.length };
  row(`800 flows, a process each (median of ${SAMPLED_FLOWS} × 800)`, many, ours);
}

async function compareDiamonds(parser: PythonParser, peer: Peer): Promise<void> {
  let isTooLong = false;
  for (const count of [5, 10, 14, 16, 18, 20, 30, 40]) {
    const text = stackedDiamonds(count);
    await writeFile(join(folder, `diamonds${count}.py`), text);
    const check = () => checkFlow(parser, { path: "flow.py", text, find: () => undefined, fileExists: () => true });
    const own = measure(check, 20);
    const title = `${count} stacked diamonds, checked`;
    const theirs = isTooLong ? undefined : await peer.ask(`lint diamonds${count}`);
    // Two more diamonds take about four times as long.
    isTooLong = theirs === undefined || theirs.cpuMs * 4 > MAX_PEER_MS;
    if (theirs) {
      row(title, theirs, own);
    } else {
      print(title, "not tried", describe(own), "");
    }
  }
}

function measure(work: () => void, count: number): Spent {
  const spent: Spent[] = [];
  for (let round = 0; round < count; round += 1) {
    const cpu = process.cpuUsage();
    const begun = performance.now();
    work();
    const { user, system } = process.cpuUsage(cpu);
    spent.push({ cpuMs: (user + system) / 1000, wallMs: performance.now() - begun });
  }
  return median(spent);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function median(spent: readonly Spent[]): Spent {
  return { cpuMs: middle(spent.map(({ cpuMs }) => cpuMs)), wallMs: middle(spent.map(({ wallMs }) => wallMs)) };
}

/** Runs a program to its end and has the shell's `time` tell what it used. */
async function runProcess(program: string, parameters: readonly string[], input = "/dev/null"): Promise<Spent> {
  const begun = performance.now();
  const child = spawn(
    "bash",
    ["-c", 'TIMEFORMAT="%U %S"; time "$@" <"$0" >/dev/null 2>&1', input, program, ...parameters],
    {
      cwd: folder,
      env: { ...process.env, METAFLOW_USER: "bench" },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  const exitCode = await new Promise((resolve) => child.once("close", resolve));
  if (exitCode !== 0) {
    throw new Error(`${program} ${parameters.join(" ")} ended with exit code ${String(exitCode)}.`);
  }
  const [user = 0, system = 0] = text.trim().split(/\s+/).map(Number);
  return { cpuMs: (user + system) * 1000, wallMs: performance.now() - begun };
}

type Peer = { child: ChildProcessByStdio<Writable, Readable, null>; ask(request: string): Promise<Spent> };

function startPeer(): Peer {
  const child = spawn(samplePython(), [join(import.meta.dirname, "flowsPeer.py"), folder], {
    env: { ...process.env, METAFLOW_USER: "bench" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: Interface = createInterface({ input: child.stdout });
  return {
    child,
    async ask(request) {
      const answer = new Promise<string>((resolve) => lines.once("line", resolve));
      child.stdin.write(`${request}\n`);
      const [cpuMs = Number.NaN, wallMs = Number.NaN] = (await answer).split(" ").map(Number);
      return { cpuMs, wallMs };
    },
  };
}

function row(title: string, theirs: Spent, ours: Spent): void {
  const [cpu, wall] = [theirs.cpuMs / ours.cpuMs, theirs.wallMs / ours.wallMs].map(
    (ratio) => `${ratio.toFixed(ratio < 10 ? 1 : 0)} ×`,
  );
  print(title, describe(theirs), describe(ours), `${cpu} (${wall})`);
}

function describe({ cpuMs, wallMs }: Spent): string {
  const digits = cpuMs < 10 ? 2 : 0;
  return `${cpuMs.toFixed(digits)} ms CPU (${wallMs.toFixed(digits)} clock)`;
}

function print(...cells: [string, string, string, string]): void {
  const [title, theirs, ours, ratio] = cells;
  console.log(`${title.padEnd(52)}${theirs.padStart(30)}${ours.padStart(30)}${ratio.padStart(22)}`);
}
