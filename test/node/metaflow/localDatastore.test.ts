import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { FlowRun } from "../../../src/core/metaflow/runs/flowRun.ts";
import { statusByStep } from "../../../src/core/metaflow/runs/flowRun.ts";
import { renderFlowRun } from "../../../src/core/training/renderFlowRuns.ts";
import { findDatastore, listRunNames, readRuns } from "../../../src/node/metaflow/runs/localDatastore.ts";
import { readArtifacts } from "../../../src/node/metaflow/runs/readArtifacts.ts";
import { waitFor } from "../../support/poll.ts";
import { samplePython, temporaryFolder } from "../../support/python.ts";

const FLOW = `
from metaflow import FlowSpec, Parameter, step
class WorkFlow(FlowSpec):
    mode = Parameter("mode", default="fine")
    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.work, foreach="items")
    @step
    def work(self):
        import os, time
        self.value = {"item": self.input, "half": self.input / 2}
        if self.mode == "fail" and self.input == 2 and not os.path.exists("mended"):
            raise ValueError("asked to")
        if self.mode == "wait":
            open("waiting", "w").close()
            time.sleep(60)
        self.next(self.join)
    @step
    def join(self, inputs):
        self.values = [each.value for each in inputs]
        self.model = object
        self.next(self.end)
    @step
    def end(self):
        pass
if __name__ == "__main__":
    WorkFlow()
`;

/** Starts the flow in a group of its own, with Metaflow's datastore found upwards of it. */
function start(folder: string, args: readonly string[]): ChildProcess {
  const { METAFLOW_DATASTORE_SYSROOT_LOCAL: _unset, ...environment } = process.env;
  return spawn(samplePython(), ["work_flow.py", "--no-pylint", ...args], {
    cwd: folder,
    env: { ...environment, METAFLOW_USER: "tester", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: "ignore",
    detached: true,
  });
}

async function finish(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve) => child.once("close", resolve));
}

async function newest(root: string): Promise<FlowRun> {
  const [run] = await readRuns(root, await listRunNames(root, { flow: "WorkFlow", count: 1 }));
  assert.ok(run);
  return run;
}

function states(run: FlowRun): Record<string, string> {
  return Object.fromEntries(
    [...statusByStep(run, Date.now())].map(([step, { state, finished, tasks }]) => [
      step,
      `${state} ${finished}/${tasks}`,
    ]),
  );
}

test("runs, failures, resumed and killed runs are read from the files that Metaflow leaves", async () => {
  await using workspace = await temporaryFolder();
  const folder = join(workspace.path, "flows");
  await mkdir(folder);
  await mkdir(join(workspace.path, ".metaflow"));
  await writeFile(join(folder, "work_flow.py"), FLOW);
  const root = await findDatastore({ folder, environment: {} });
  assert.equal(root, join(workspace.path, ".metaflow"), "the datastore of a parent folder is used");

  assert.notEqual(await finish(start(folder, ["run", "--mode", "fail"])), 0);
  const failed = await newest(root);
  assert.equal(failed.state, "failed");
  assert.deepEqual(states(failed), { start: "done 1/1", work: "failed 1/2" });

  await writeFile(join(folder, "mended"), "");
  assert.equal(await finish(start(folder, ["resume", "--origin-run-id", failed.id])), 0);
  const resumed = await newest(root);
  assert.deepEqual([resumed.state, resumed.originRunId], ["done", failed.id]);
  assert.deepEqual(states(resumed), { start: "done 1/1", work: "done 2/2", join: "done 1/1", end: "done 1/1" });
  assert.deepEqual(
    resumed.tasks
      .filter(({ isCloned }) => isCloned)
      .map(({ step }) => step)
      .toSorted(),
    ["start", "work"],
  );

  const end = resumed.tasks.find(({ step }) => step === "end");
  assert.ok(end);
  const artifacts = await readArtifacts(root, resumed, end);
  assert.deepEqual(
    artifacts.map(({ name, type, text }) => [name, type, text]),
    [
      ["mode", "str", '"fail"'],
      ["model", "type", '"builtins.object"'],
      ["values", "list", '[{"item":1,"half":0.5},{"item":2,"half":1}]'],
    ],
  );

  const killed = start(folder, ["run", "--mode", "wait", "--max-workers", "2"]);
  const ended = finish(killed);
  await waitFor(
    "a task that waits",
    async () => (await readFile(join(folder, "waiting")).catch(() => undefined)) !== undefined,
  );
  const running = await newest(root);
  assert.equal(running.state, "running");
  assert.equal(statusByStep(running, Date.now()).get("work")?.state, "running");
  process.kill(-(killed.pid ?? 0), "SIGKILL");
  await ended;
  // With the second task, which may have begun between the look above and the signal.
  await backdate(root, await newest(root));
  const gone = await newest(root);
  assert.equal(gone.state, "gone");
  assert.equal(statusByStep(gone, Date.now()).get("work")?.state, "gone");
});

/** As if the run had been killed an hour ago. */
async function backdate(root: string, { flow, id, tasks }: FlowRun): Promise<void> {
  const earlier = Date.now() / 1000 - 3_600;
  const self = join(root, flow, id, "_meta", "_self.json");
  await writeFile(
    self,
    (await readFile(self, "utf8")).replace(/"ts_epoch": \d+/, `"ts_epoch": ${Math.round(earlier * 1000)}`),
  );
  for (const { step, id: task } of tasks) {
    const folder = join(root, flow, id, step, task);
    await writeFile(join(folder, "0.attempt.json"), JSON.stringify({ time: earlier }));
    await utimes(join(folder, "0.DONE.lock"), earlier, earlier).catch(() => undefined);
  }
}

async function find(folder: string, root?: string): Promise<string | undefined> {
  return findDatastore({ folder, environment: root === undefined ? {} : { METAFLOW_DATASTORE_SYSROOT_LOCAL: root } });
}

test("the datastore is that of the environment, else the nearest one upwards, else none", async () => {
  await using workspace = await temporaryFolder();
  const deep = join(workspace.path, "a", "b");
  await mkdir(join(deep, ".metaflow"), { recursive: true });
  await mkdir(join(workspace.path, "other", ".metaflow"), { recursive: true });
  assert.equal(await find(deep), join(deep, ".metaflow"));
  assert.equal(await find(join(workspace.path, "a")), undefined);
  assert.equal(await find(deep, join(workspace.path, "other")), join(workspace.path, "other", ".metaflow"));
  assert.equal(await find(deep, join(workspace.path, "nowhere")), undefined);
});

test("files that are torn or strange leave a run that can still be read", async () => {
  await using workspace = await temporaryFolder();
  const run = join(workspace.path, "F", "12");
  await mkdir(join(run, "_meta"), { recursive: true });
  await mkdir(join(run, "start", "1", "_meta"), { recursive: true });
  await writeFile(join(run, "_meta", "_self.json"), '{"ts_epoch": 5}');
  await writeFile(join(run, "start", "1", "0.attempt.json"), '{"ti');
  await writeFile(join(run, "start", "1", "0.runtime"), "[]");
  await writeFile(join(run, "start", "1", "0.data.json"), '{"objects": {"x": "../../../etc/passwd", "y": "ab"}}');
  await mkdir(join(workspace.path, "F", "not-a-run"));
  await mkdir(join(workspace.path, "F", "13"));
  const names = await listRunNames(workspace.path, { count: 10 });
  assert.deepEqual(
    names.map(({ id }) => id),
    ["13", "12"],
  );
  const runs = await readRuns(workspace.path, names);
  assert.deepEqual(
    runs.map(({ id, state, tasks }) => [id, state, tasks.map((task) => task.state)]),
    [["12", "failed", ["failed"]]],
  );
  const [only] = runs;
  assert.ok(only?.tasks[0]);
  assert.deepEqual(await readArtifacts(workspace.path, only, only.tasks[0]), [
    { name: "x", type: "", sizeBytes: 0, sha: "" },
    { name: "y", type: "", sizeBytes: 0, sha: "" },
  ]);
});

const MARKED_FLOW = `
from metaflow import FlowSpec, step
class WorkFlow(FlowSpec):
    @step(start=True)
    def begin(self):
        self.nothing = None
        self.broken = float("nan")
        self.endless = [float("inf"), 1]
        self.next(self.finish)
    @step(end=True)
    def finish(self):
        self.result = 1
if __name__ == "__main__":
    WorkFlow()
`;

test("a flow whose last step has a name of its own is done, and its values are told apart", async () => {
  await using workspace = await temporaryFolder();
  const root = join(workspace.path, ".metaflow");
  await mkdir(root);
  await writeFile(join(workspace.path, "work_flow.py"), MARKED_FLOW);
  assert.equal(await finish(start(workspace.path, ["run"])), 0);
  await backdate(root, await newest(root));
  const run = await newest(root);
  assert.deepEqual([run.state, run.endStep], ["done", "finish"]);
  const begin = run.tasks.find(({ step }) => step === "begin") ?? assert.fail();
  const artifacts = await readArtifacts(root, run, begin);
  assert.deepEqual(
    artifacts.map(({ name, text }) => [name, text]),
    [
      ["broken", "NaN"],
      ["endless", '["Infinity",1]'],
      ["nothing", "null"],
    ],
  );
});

test("of a very wide foreach not all tasks are read, but those of every other step are", async () => {
  await using workspace = await temporaryFolder();
  const folder = join(workspace.path, "WideFlow", "1");
  await mkdir(join(folder, "_meta"), { recursive: true });
  await writeFile(join(folder, "_meta", "_self.json"), '{"ts_epoch": 1000}');
  const steps = { body: 2_100, start: 1, join: 1, end: 1 };
  let id = 0;
  for (const [step, count] of Object.entries(steps)) {
    for (let index = 0; index < count; index++) {
      const task = join(folder, step, String(++id));
      await mkdir(task, { recursive: true });
      await Promise.all([
        writeFile(join(task, "0.attempt.json"), '{"time": 1}'),
        writeFile(join(task, "0.runtime"), '{"success": true}'),
        writeFile(join(task, "0.DONE.lock"), ""),
      ]);
    }
  }
  const [run = assert.fail()] = await readRuns(workspace.path, [{ flow: "WideFlow", id: "1" }]);
  assert.equal(run.state, "done");
  assert.deepEqual(run.unread, { body: 103 });
  assert.deepEqual(states(run), { body: "done 1997/1997", start: "done 1/1", join: "done 1/1", end: "done 1/1" });
  assert.match(renderFlowRun(run, { parameters: [], results: [], now: new Date() }), /1997 of 1997, 103 more not read/);
});
