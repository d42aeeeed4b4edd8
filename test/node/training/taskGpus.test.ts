import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { planTypedCommand } from "../../../src/node/training/cli/commandScript.ts";
import { planLaunch } from "../../../src/node/training/planLaunch.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { repositoryRoot, samplePython } from "../../support/python.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { makeWorkspace, spawnNode, supervisorPath, testReceipt, waitUntil } from "../../support/runFixtures.ts";

const extension = join(repositoryRoot, "python");
const holdGpus = join(extension, "metaflow_extensions", "trainyard", "plugins", "hold_gpus.py");

/** Each task of `fit` notes from when to when it saw which GPUs. */
const FLOW = `
import os
import time
from metaflow import FlowSpec, resources, step
class FanFlow(FlowSpec):
    @step
    def start(self):
        self.cells = [0, 1, 2, 3]
        self.next(self.fit, foreach="cells")
    @resources(gpu=1)
    @step
    def fit(self):
        begun = time.time()
        time.sleep(0.3)
        with open("seen.txt", "a") as file:
            file.write(f"{begun} {time.time()} {os.environ['CUDA_VISIBLE_DEVICES']}\\n")
        self.next(self.join)
    @step
    def join(self, inputs):
        with open("joined.txt", "w") as file:
            file.write(os.environ["CUDA_VISIBLE_DEVICES"])
        self.next(self.end)
    @step
    def end(self):
        pass
if __name__ == "__main__":
    FanFlow()
`;

async function planFlow(root: string, device: readonly number[], words: readonly string[] = []) {
  const script = join(root, "fan_flow.py");
  await writeFile(script, FLOW);
  const environment = { ...replayedGpus("two"), PYTHONPATH: "/own" };
  const request = { script, device, arguments: ["--no-pylint", "run", ...words] };
  return planLaunch(request, { workspaceFolder: root, environment, pythonPath: samplePython() });
}

test("a flow finds Trainyard's extension of Metaflow only where it has several GPUs to share out", async (context) => {
  const root = await makeWorkspace(context);
  assert.equal((await planFlow(root, [1])).environment["PYTHONPATH"], undefined);
  assert.equal((await planFlow(root, [0, 1])).environment["PYTHONPATH"], `/own:${extension}`);
});

type Typed = { words?: readonly string[]; machine?: string; visible?: string; isForFreeGpu?: boolean };

/** What `trainyard run -- python fan_flow.py run` adds to the environment of the flow, and the GPUs it leases. */
async function typedGpus(root: string, { words = ["run"], machine = "two", visible, isForFreeGpu = false }: Typed) {
  await writeFile(join(root, "fan_flow.py"), FLOW);
  const environment = { ...replayedGpus(machine), CUDA_VISIBLE_DEVICES: visible };
  const command = [samplePython(), "fan_flow.py", ...words];
  const plan = await planTypedCommand(command, root, { environment, isForFreeGpu });
  assert.deepEqual(plan.command, command);
  const { CUDA_VISIBLE_DEVICES: mask, PYTHONPATH: searched, ...rest } = plan.environment;
  const indices = plan.device.kind === "cuda" ? plan.device.gpus.map(({ index }) => index) : [];
  assert.equal(mask?.split(",").length ?? 0, indices.length);
  assert.equal(searched, indices.length > 1 ? extension : undefined);
  return { indices, ...rest };
}

test("a flow that is started as it was typed gets the same limits as one from the editor", async (context) => {
  const root = await makeWorkspace(context);
  assert.deepEqual(await typedGpus(root, {}), { indices: [0, 1], METAFLOW_RUN_MAX_WORKERS: "2" });
  assert.deepEqual(await typedGpus(root, { words: ["resume", "fit"] }), {
    indices: [0, 1],
    METAFLOW_RESUME_MAX_WORKERS: "2",
  });
  assert.deepEqual(await typedGpus(root, { words: ["run", "--max-workers=3"] }), { indices: [0, 1] });
  assert.deepEqual(await typedGpus(root, { visible: "1" }), { indices: [1], METAFLOW_RUN_MAX_WORKERS: "1" });
  assert.deepEqual(await typedGpus(root, { machine: "one" }), { indices: [0], METAFLOW_RUN_MAX_WORKERS: "1" });
  assert.deepEqual(await typedGpus(root, { isForFreeGpu: true }), { indices: [], METAFLOW_RUN_MAX_WORKERS: "1" });
  assert.deepEqual(await typedGpus(root, { machine: "none" }), { indices: [] });
  const planned = await planFlow(root, [0, 1]);
  assert.equal(planned.environment["METAFLOW_RUN_MAX_WORKERS"], "2");
});

test("each task of a foreach has one GPU of the run for itself, even where more run than there are", async (context) => {
  const root = await makeWorkspace(context);
  const plan = await planFlow(root, [0, 1], ["--max-workers", "3"]);
  const local = { METAFLOW_DATASTORE_SYSROOT_LOCAL: root };
  const folder = await createRun(root, { ...plan, environment: { ...plan.environment, ...local } }, testReceipt);
  await spawnNode([supervisorPath, "start", folder], { env: { XDG_STATE_HOME: join(root, "state") } }).ended;
  assert.equal((await readRun(folder)).state, "finished");
  const lines = (await readFile(join(root, "seen.txt"), "utf8")).trim().split("\n");
  const seen = lines.map((line) => {
    const [begun = "", ended = "", gpu = ""] = line.split(" ");
    return { begun: Number(begun), ended: Number(ended), gpu };
  });
  const mask = plan.environment["CUDA_VISIBLE_DEVICES"] ?? "";
  assert.equal(seen.length, 4);
  assert.deepEqual([...new Set(seen.map(({ gpu }) => gpu))].toSorted(), mask.split(",").toSorted());
  for (const gpu of mask.split(",")) {
    const tasks = seen.filter((task) => task.gpu === gpu).toSorted((a, b) => a.begun - b.begun);
    tasks.slice(1).forEach((task, at) => assert.ok(task.begun >= (tasks[at]?.ended ?? Number.NaN), lines.join("\n")));
  }
  assert.equal(await readFile(join(root, "joined.txt"), "utf8"), mask);
});

type Holder = { child: ChildProcess; readonly printed: string };

/** A task that says which GPUs it sees and lives until its input ends. */
function hold(context: TestContext, folder: string, count: number): Holder {
  const program = "import os, sys; print(os.environ['CUDA_VISIBLE_DEVICES'], flush=True); sys.stdin.read()";
  const child = spawn("python3", [holdGpus, folder, "a,b,c", String(count), "-c", program]);
  context.after(() => child.kill("SIGKILL"));
  const holder = { child, printed: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (holder.printed += text));
  return holder;
}

const WAITS = "[trainyard] This task waits for a free GPU of its run.\n";

test("a task that needs several GPUs waits for them, also for one whose task was killed", async (context) => {
  const root = await makeWorkspace(context);
  const first = hold(context, root, 1);
  await waitUntil("the first task runs", () => first.printed === "a\n");
  const all = hold(context, root, 3);
  await waitUntil("the second task holds what is free", async () => await isHeld(root, "c"));
  await waitUntil("the second task says that it waits", () => all.printed === WAITS);
  first.child.kill("SIGKILL");
  await waitUntil("the second task runs", () => all.printed === `${WAITS}a,b,c\n`);
  const third = hold(context, root, 2);
  all.child.stdin?.end();
  await waitUntil("the third task runs", () => third.printed.endsWith("a,b\n"));
});

async function isHeld(folder: string, gpu: string): Promise<boolean> {
  const script = `import fcntl, sys\nfcntl.flock(open(sys.argv[1], "a"), fcntl.LOCK_EX | fcntl.LOCK_NB)`;
  const child = spawn("python3", ["-c", script, join(folder, gpu)], { stdio: "ignore" });
  return (await new Promise((resolve) => child.once("close", resolve))) !== 0;
}
