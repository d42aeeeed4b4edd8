import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { renderRunStatus } from "../../../src/core/training/runRecord.ts";
import { identifyProcess } from "../../../src/node/base/processIdentity.ts";
import { createRun, findRun } from "../../../src/node/training/runLedger.ts";
import { check, trainyard } from "../../support/cliCalls.ts";
import { replayedGpus } from "../../support/replayedGpus.ts";
import { buildRun } from "../../support/runBuilder.ts";
import {
  buildPlan,
  cliPath,
  makeWorkspace,
  processesOf,
  spawnNode,
  testReceipt,
  waitForOutput,
  waitUntil,
} from "../../support/runFixtures.ts";

async function writeScript(root: string, program: string): Promise<string> {
  const script = join(root, "train.py");
  await writeFile(script, program);
  return script;
}

test("run shows the training and ends with its exit code", async (context) => {
  const root = await makeWorkspace(context);
  const script = await writeScript(root, 'print("Epoch 1/1: loss=0.25")\nraise SystemExit(7)');
  await check(root, ["run", "--", "python3", script], 7, /^Run \d{8}-\d{6}-train-[0-9a-f]{6}\. [\s\S]*loss=0\.25\n/);
  await check(root, ["runs"], 0, /-train-[0-9a-f]{6} {2}failed after \d+ s · exit code 7 · epoch 1 · loss 0\.25\n/);
  await check(root, ["logs", "latest"], 0, /Epoch 1\/1: loss=0\.25\n/);
  const listed: unknown = JSON.parse(await check(root, ["runs", "--json"], 0, /"state": "failed"/));
  assert.ok(typeof listed === "object" && listed !== null && "runs" in listed && Array.isArray(listed.runs));
  await check(root, ["stop", "latest"], 1, /has ended already \(failed\)/);
  await check(
    root,
    ["diagnose", "latest"],
    0,
    /^Cause not known\n {2}The last line it printed \(train\.log line 2\): “Epoch 1\/1: loss=0\.25”\.\n {2}It ended with exit code 7 /,
  );
});

test("run says that a plain python is not that of the environment in the folder", async (context) => {
  const root = await makeWorkspace(context);
  await mkdir(join(root, ".venv", "bin"), { recursive: true });
  await writeFile(join(root, ".venv", "bin", "python"), "");
  const script = await writeScript(root, "print(1)");
  const said = /Ctrl-C stops it\. Its python3 is \/\S+, and not \.venv\/bin\/python of this folder\.\n/;
  for (const [active, isSaid] of [
    ["", true],
    ["/somewhere/env", false],
  ] as const) {
    const run = spawnNode([cliPath, "run", "--", "python3", script], { cwd: root, env: { VIRTUAL_ENV: active } });
    await run.ended;
    assert.equal(said.test(run.output), isSaid, run.output);
  }
});

test("run says nothing of a second environment where that of the folder is in use by the PATH", async (context) => {
  const root = await makeWorkspace(context);
  execFileSync("python3", ["-m", "venv", "--without-pip", join(root, ".venv")]);
  await mkdir(join(root, "env", "bin"), { recursive: true });
  await writeFile(join(root, "env", "bin", "python"), "");
  const script = await writeScript(root, "print(1)");
  const env = { VIRTUAL_ENV: "", PATH: `${join(root, ".venv", "bin")}:${process.env["PATH"]}` };
  // Nor where there is no Python at all.
  for (const path of [env.PATH, root]) {
    const run = spawnNode([cliPath, "run", "--", "python3", script], { cwd: root, env: { ...env, PATH: path } });
    await run.ended;
    assert.match(run.output, /Ctrl-C stops it\.\n/);
  }
});

test("run --detach prints the id and leaves the training to itself until it is stopped", async (context) => {
  const root = await makeWorkspace(context);
  const script = await writeScript(root, 'import time\nprint("ready", flush=True)\ntime.sleep(600)');
  const id = (await check(root, ["run", "--detach", "--", "python3", script], 0, /^\S+\n$/)).trim();
  const logs = trainyard(root, "logs", "-f", id);
  await waitForOutput(logs, "ready\n");
  logs.child.kill("SIGINT");
  assert.equal(await logs.ended, "SIGINT");
  assert.equal((await findRun(root, "latest")).state, "running");
  await check(root, ["run", "--", "python3", await writeScript(root, "print(1)")], 0, /finished/);
  await check(root, ["logs", "train"], 0, /2 runs are called train; this is \S+, the only one that has not ended\./);
  // By its name, since only one of that name goes on.
  await check(root, ["stop", "train"], 0, /^Run train was stopped after [\d a-z]+\.\n$/);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("Ctrl-C stops a run from the moment on at which it is named", async (context) => {
  const root = await makeWorkspace(context);
  const script = await writeScript(root, "import time\ntime.sleep(600)");
  const run = trainyard(root, "run", "--", "python3", script);
  await waitForOutput(run, "Ctrl-C stops it");
  run.child.kill("SIGINT");
  assert.notEqual(await run.ended, "SIGINT", run.output);
  assert.equal((await findRun(root, "latest")).state, "stopped");
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("a run that is told to end while it waits says that it was never started", async (context) => {
  const root = await makeWorkspace(context);
  const script = await writeScript(root, "import time\ntime.sleep(600)");
  const first = (await check(root, ["run", "--detach", "--", "python3", script], 0, /./)).trim();
  const waiting = trainyard(root, "run", "--after", "latest", "--", "python3", script);
  await waitForOutput(waiting, "This run is waiting");
  waiting.child.kill("SIGTERM");
  await waiting.ended;
  assert.match(waiting.output, /This run leaves the line and is not started\./);
  assert.doesNotMatch(waiting.output, /checkpoint/);
  await check(root, ["stop", "--now", first], 0, /stopped/);
});

test("who stops one run of a sweep is told how to stop the others", async (context) => {
  const root = await makeWorkspace(context);
  const script = await writeScript(root, "import time\ntime.sleep(600)");
  await check(root, ["sweep", "--cpu", "--detach", "--lr=1,2", "--", "python3", script], 0, /starting 2 runs/);
  const [, id = ""] =
    /trainyard stop (\S+)/.exec(await check(root, ["stop", "latest"], 0, /others? runs? of its sweep go on/)) ?? [];
  const shared = id.slice(0, "20261122".length);
  await check(root, ["stop", shared], 1, /could be the sweep \S+ or the run \S+\. Write more of it\./);
  // A sweep is called like its script, and so is a run of it.
  await check(root, ["run", "--detach", "--", "python3", script], 0, /-train-/);
  await check(root, ["stop", "train"], 1, /could be the sweep \S+ or the run \S+\. Write the id of the one/);
  await check(root, ["stop", "--now", id], 0, /0 of 2 finished · 2 stopped/);
  await check(root, ["stop", "--now", "train"], 0, /^Run train was stopped/);
  await waitUntil("nothing is left", () => processesOf(root).length === 0);
});

test("the diagnosis of a run that hangs is what its alarm says, with the proof and the next step", async (context) => {
  const root = await makeWorkspace(context);
  const folder = await createRun(root, buildPlan(root, ["python3"]), testReceipt);
  const alarm = { kind: "stall" as const, message: "Silent for 3 min.", advice: "Look where it hangs." };
  const evidence = { line: 21, text: "epoch 21/300" };
  const { status } = buildRun("running", {
    supervisor: identifyProcess(process.pid),
    heartbeatAt: new Date().toISOString(),
    alarms: [{ ...alarm, evidence, raisedAt: "2026-11-21T03:00:30.000Z" }],
  });
  await writeFile(join(folder, "status.json"), renderRunStatus(status));
  const said =
    /running · stalled\. It goes on\.\nSilent for 3 min \(.*line 21: “epoch 21\/300”\)\. Look where it hangs\./;
  await check(root, ["diagnose", "latest"], 0, said);
});

test("a source that speaks of errors is not diagnosed as a log", async (context) => {
  const root = await makeWorkspace(context);
  await writeScript(root, 'raise FileNotFoundError("No such file or directory: data.csv")');
  await check(root, ["diagnose", "train.py"], 1, /train\.py is a source file and no log\. Name the log/);
  await check(root, ["diagnose", "nohup.out"], 1, /There is no log file \S+nohup\.out\. Name the id of a run/);
});

test("a run that did not start says why, also when it is diagnosed", async (context) => {
  const root = await makeWorkspace(context);
  await check(root, ["run", "--", "pyhton", "train.py"], 127, /did not start\. The program pyhton was not found/);
  await check(root, ["diagnose", "latest"], 0, /^Did not start\nNext: The program pyhton was not found\. Check how/);
  await check(root, ["logs", "latest"], 0, /^\[trainyard\] Run train did not start\..*\n$/);
  await check(root, ["run", "--", "."], 127, /did not start\. The program \. was|may not be executed/);
  await writeScript(root, "print(input())");
  const script = /train\.py is a script and no program\. Start it with its Python: python train\.py --lr 1$/m;
  await check(root, ["run", "--", "train.py", "--lr", "1"], 127, script);
  await check(root, ["run", "--", "./train.py", "--lr", "1"], 127, script);
  await check(root, ["run", "--", "python3", "train.py"], 1, /EOFError: .*a run has no keyboard/);
});

test("what the watchdog notices is told in the terminal, and a loss that is no number spoils a good end", async (context) => {
  const root = await makeWorkspace(context);
  const lines = Array.from({ length: 8 }, (_, at) => `step ${at + 1} loss=${at < 4 ? 1 / (at + 1) : "nan"}`);
  const script = await writeScript(
    root,
    `import time\nfor line in ${JSON.stringify(lines)}:\n    print(line, flush=True)\n    time.sleep(0.3)`,
  );
  const output = await check(
    root,
    ["run", "--", "python3", script],
    0,
    /Yet its loss is not a number: step \d loss=nan \(/,
  );
  assert.equal(
    output.match(/^\[trainyard\] loss is not a number \(train\.log line \d+: “step \d loss=nan”\)\. /gm)?.length,
    1,
  );
  await check(root, ["runs"], 0, /finished in \d s · loss is not a number · step 8/);
});

test("a secret before a command reaches the training and no file of its run", async (context) => {
  const root = await makeWorkspace(context);
  await writeScript(root, 'import os\nprint(os.environ["WANDB_API_KEY"][::-1], os.environ["RANK"])');
  const words = ["run", "--", "WANDB_API_KEY=hunter22", "RANK=3", "python3", "train.py"];
  await check(root, words, 0, /^22retnuh 3$/m);
  const { folder, record } = await findRun(root, "latest");
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
  assert.doesNotMatch(files.join("\n"), /hunter22/);
  assert.deepEqual(record.plan.environment, { RANK: "3" });
  assert.match(record.plan.warnings.join(), /WANDB_API_KEY is not recorded/);
  assert.deepEqual(record.plan.unrecorded, ["WANDB_API_KEY"]);
});

/** What others than its owner may do with the record of a run. */
async function rightsOfOthers(folder: string): Promise<number> {
  return (await stat(join(folder, "run.json"))).mode & 0o077;
}

test("a secret among the arguments reaches the training, and neither the list of runs nor the log shows it", async (context) => {
  const root = await makeWorkspace(context);
  await writeScript(root, "import sys\nprint(sys.argv[2][::-1])");
  await check(root, ["run", "--", "python3", "train.py", "--api-key", "hunter22"], 0, /^22retnuh$/m);
  const { folder } = await findRun(root, "latest");
  assert.doesNotMatch(await readFile(join(folder, "train.log"), "utf8"), /hunter22/);
  assert.doesNotMatch(await check(root, ["runs", "--json"], 0, /"--api-key"/), /hunter22/);
  assert.equal(await rightsOfOthers(folder), 0, "what a repair needs of it, nobody else reads");
  await check(root, ["run", "--", "python3", "train.py", "--lr", "1"], 0, /^1$/m);
  assert.notEqual(await rightsOfOthers((await findRun(root, "latest")).folder), 0);
});

const SAVES = `
import argparse, json, os, struct
parser = argparse.ArgumentParser()
parser.add_argument("--output-dir", default="checkpoints")
parser.add_argument("--resume")
args = parser.parse_args()
if args.resume:
    raise SystemExit(f"goes on from {args.resume}")
os.makedirs(args.output_dir, exist_ok=True)
header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
with open(f"{args.output_dir}/step_5.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + bytes(4))
raise ValueError("bad batch")
`;

test("a run that was started by its command goes on from its own checkpoint, with its own settings", async (context) => {
  const root = await makeWorkspace(context);
  await writeScript(root, SAVES);
  await check(root, ["run", "--log-limit", "32", "--", "python3", "train.py"], 1, /ValueError: bad batch/);
  const command = /python3 train\.py --resume checkpoints\/step_5\.safetensors/;
  await check(root, ["resume"], 0, command);
  await check(root, ["resume", "--yes"], 1, /goes on from checkpoints\/step_5\.safetensors/);
  const { record } = await findRun(root, "latest");
  assert.match(record.plan.command.join(" "), command);
  assert.equal(record.logLimitMiB, 32);
  await check(root, ["resume", "--detach"], 2, /give --yes too/);
  const detached = await check(root, ["resume", "--yes", "--detach"], 0, /^\d{8}-\d{6}-\S+$/m);
  await check(root, ["logs", "-f", /^\d{8}-\d{6}-\S+$/m.exec(detached)?.[0] ?? ""], 0, /goes on from checkpoints/);
});

test("resume --yes starts nothing without the secret of the run, and with it what the run was given", async (context) => {
  const root = await makeWorkspace(context);
  const program = SAVES.replace('f"goes on', "f\"{os.environ.get('MY_API_KEY')} goes on");
  await writeScript(root, program);
  await check(root, ["run", "--", "MY_API_KEY=hunter22", "python3", "train.py"], 1, /ValueError: bad batch/);
  const told =
    /Nothing was started: .*MY_API_KEY was not recorded\. Give it again: MY_API_KEY=… trainyard resume --yes$/m;
  await check(root, ["resume", "--yes"], 1, told);
  await check(root, ["resume", "--yes", "--json"], 2, /give one of them/);
  const resume = spawnNode([cliPath, "resume", "--yes"], { cwd: root, env: { MY_API_KEY: "hunter23" } });
  await resume.ended;
  assert.match(resume.output, /hunter23 goes on from/);
});

test("resume without an id means the newest training that left a checkpoint, never one of another script", async (context) => {
  const root = await makeWorkspace(context);
  await writeScript(root, SAVES);
  await check(root, ["run", "--", "python3", "train.py"], 1, /ValueError: bad batch/);
  const { record } = await findRun(root, "latest");
  await writeFile(join(root, "flow.py"), "from metaflow import FlowSpec\nclass F(FlowSpec):\n    pass\n");
  await check(root, ["run", "--", "python3", "flow.py"], 1, /./);
  const output = await check(root, ["resume"], 0, /python3 train\.py --resume checkpoints\/step_5\.safetensors/);
  assert.ok(output.includes(`That is run ${record.id}. Another one: trainyard resume <id>`), output);
  const flow = /Run \S+ is a flow, and Metaflow resumes it: python flow\.py resume --origin-run-id <its run id>/;
  await check(root, ["resume", "latest"], 1, flow);
  const steps = 'print("00:00 [17/fit/2 (pid 9)] tick")\nfrom metaflow import FlowSpec\nclass F(FlowSpec):\n    pass\n';
  await writeFile(join(root, "flow.py"), steps);
  await check(root, ["run", "--", "python3", "flow.py", "run", "--lr", "1"], 1, /./);
  await check(
    root,
    ["resume", "latest"],
    1,
    /resumes it: trainyard run -- python3 flow\.py resume --origin-run-id 17\b/,
  );
  await writeFile(join(root, "fail.py"), SAVES.replace(/os\.makedirs[\s\S]*raise/, "raise"));
  await check(root, ["run", "--", "python3", "fail.py", "--output-dir", "checkpoints"], 1, /ValueError/);
  await check(root, ["resume"], 0, /python3 train\.py --resume/);
  await check(root, ["resume", "latest"], 1, /The checkpoints in .* were saved by runs of another script/);
});

test("the advice for a sweep whose argument could not be read works", async (context) => {
  const root = await makeWorkspace(context);
  const sweep = (axis: string, code: number, says: RegExp) =>
    check(root, ["sweep", "--dry-run", "--cpu", axis, "--", "python3", "-c", "print(1)"], code, says);
  await sweep("lr=1,2", 1, /Write it with its dashes: `--lr=1,2`\./);
  await sweep("--lr=1,2", 0, /--lr 2/);
  await check(root, ["sweep", "--dry-run", "--cpu", "LR=1,2", "--", "make", "train"], 0, /make train LR=2/);
  await check(
    root,
    ["sweep", "--dry-run", "--cpu", "LR=1,2", "--", "make", "train", "SCRIPT=other.py"],
    0,
    /SCRIPT=other\.py LR=2/,
  );
  await writeFile(join(root, "Makefile"), "LR ?= 1\ntrain:\n\tpython3 train.py $(LR)\n");
  const unread = /Warning: The Makefile does not name lr: unless the program reads it/;
  await check(root, ["sweep", "--dry-run", "--cpu", "lr=1,2", "--", "make", "train"], 0, unread);
  const known = await check(root, ["sweep", "--dry-run", "--cpu", "LR=1,2", "--", "make", "train"], 0, /LR=2/);
  assert.doesNotMatch(known, /does not name/);
  await writeScript(root, "");
  const range = ["sweep", "--dry-run", "--cpu", "lr=0.1..0.5", "--", "python3", "train.py"];
  await check(root, range, 2, /“lr=0\.1\.\.0\.5” is no list of values\. A range counts in whole numbers/);
  await sweep("--dry-rum", 2, /Did you mean --dry-run\?/);
});

test("a run that would wait for ever for a GPU is refused and leaves nothing behind", async (context) => {
  const root = await makeWorkspace(context);
  const wait = async (environment: NodeJS.ProcessEnv, ...variables: string[]) => {
    const call = spawnNode([cliPath, "run", "--when-gpu-free", "--", ...variables, "python3", "train.py"], {
      cwd: root,
      env: environment,
    });
    assert.equal(await call.ended, 1, call.output);
    return call.output;
  };
  const refusal = /^trainyard: There is no GPU here to wait for: .+\. Leave --when-gpu-free out to start at once\.\n$/;
  assert.match(await wait(replayedGpus("noDriver")), refusal);
  assert.match(await wait({ ...replayedGpus("two"), CUDA_VISIBLE_DEVICES: "" }), refusal);
  assert.match(await wait(replayedGpus("two"), "CUDA_VISIBLE_DEVICES=7"), refusal);
  await writeScript(root, "");
  const launcher = ["torchrun", "--nproc-per-node", "3", "train.py"];
  const environment = replayedGpus("two");
  for (const words of [
    ["run", "--when-gpu-free", "--"],
    ["sweep", "--LR=1,2", "--"],
  ]) {
    const call = spawnNode([cliPath, ...words, ...launcher], { cwd: root, env: environment });
    assert.equal(await call.ended, 1, call.output);
    assert.match(call.output, /starts 3 processes, each on a GPU of its own, and only 2 can be used here/);
  }
  await check(root, ["runs"], 0, /There are no runs in/);
});

test("what is typed wrongly ends with 2 and the usage, a refusal with 1", async (context) => {
  const root = await makeWorkspace(context);
  await check(
    root,
    [],
    0,
    /Usage: trainyard <verb>[\s\S]*run \[--detach\] \[--after <run>\] \[--when-gpu-free\] \[--log-limit <MiB>\] \[--stop-grace <seconds>\] \(-- <command>/,
  );
  await check(root, ["stop", "--help"], 0, /^Usage: trainyard stop \[--now\]/);
  for (const words of [
    ["help", "stop"],
    ["stop", "latest", "--help"],
    ["stop", "-h"],
  ]) {
    await check(root, words, 0, /^Usage: trainyard stop \[--now\]/);
  }
  await check(root, ["fly"], 2, /There is no verb fly\. The verbs are run, sweep, .*facts; trainyard help says/);
  await check(root, ["--folder", "a", "runs"], 2, /The verb comes first: trainyard <verb> --folder/);
  for (const [typed, meant] of Object.entries({ train: "run", tran: "run", metrisc: "metrics", canel: "stop" })) {
    await check(
      root,
      [typed],
      2,
      new RegExp(`no verb ${typed}\\. Did you mean trainyard ${meant}\\? .* lists all\\.\n$`),
    );
  }
  await check(root, ["run", "python3"], 2, /behind two dashes[\s\S]*Usage: trainyard run/);
  await check(root, ["runs", "--jsn"], 2, /--jsn/);
  await check(root, ["logs"], 2, /is missing/);
  await check(root, ["logs", "latest"], 1, /There are no runs in/);
  await check(root, ["runs"], 0, /There are no runs in/);
  await check(root, ["runs", "--folder", join(root, "nowhere")], 1, /There is no folder .*nowhere/);
  await check(root, ["run", "--", ""], 2, /behind the two dashes is empty/);
  await check(root, ["stop", "a", "b"], 2, /is one word; 2 were given/);
  for (const word of ["--version", "-v", "version"]) {
    await check(root, [word], 0, /^\d+\.\d+\.\d+\n$/);
  }
});

test("the log of a run whose status is damaged is printed all the same", async (context) => {
  const root = await makeWorkspace(context);
  const script = await writeScript(root, 'print("epoch 1 loss 0.5")\n');
  await check(root, ["run", "--", "python3", script], 0, /finished/);
  const { folder } = await findRun(root, "latest");
  await writeFile(join(folder, "status.json"), "{");
  await check(root, ["logs", "latest"], 1, /epoch 1 loss 0\.5\n(?:.*\n)*\[trainyard\] .*status\.json is damaged/);
});

test("a run whose folder became read-only can be stopped, and is seen to have ended", async (context) => {
  const root = await makeWorkspace(context);
  await writeScript(root, 'import time\nprint("ready", flush=True)\nwhile True:\n    time.sleep(0.05)\n');
  // Nothing is read-only for root.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (spawnSync(process.execPath, [cliPath, "--version"], nobody).status !== 0) {
    context.skip("only root can read the sources here, and for root nothing is read-only");
    return;
  }
  await chown(root, nobody.uid ?? -1, nobody.gid ?? -1);
  const options = { cwd: root, env: { HOME: root, XDG_STATE_HOME: join(root, "state") }, ...nobody };
  const run = spawnNode([cliPath, "run", "--", "python3", join(root, "train.py")], options);
  await waitForOutput(run, "ready");
  const { folder } = await findRun(root, "latest");
  await chmod(folder, 0o555);
  const stop = spawnNode([cliPath, "stop", "latest"], options);
  assert.equal(await stop.ended, 0, stop.output);
  assert.match(stop.output, /Run train was stopped/);
  assert.equal(await run.ended, 130);
  const runs = spawnNode([cliPath, "runs"], options);
  await runs.ended;
  assert.match(runs.output, / stopped /);
  await chmod(folder, 0o755);
});
