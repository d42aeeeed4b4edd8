import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { describeRunEnd } from "../../../src/core/training/describeRun.ts";
import { createRun, readRun } from "../../../src/node/training/runLedger.ts";
import { buildPlan, makeWorkspace, supervisorPath, testReceipt } from "../../support/runFixtures.ts";

const BACKGROUND_ENDS = {
  "finished, as its file shows": [
    "print('epoch 1/1 loss=1')",
    0,
    / epoch 1, loss 1\. How is not known: .* Its last epoch is in \S+nohup\.out and no error, .*trainyard diagnose \S+nohup\.out$/,
  ],
  "failed, as its file shows": [
    "print('epoch 1/9 loss=1'); {}['lr']",
    1,
    /\S+nohup\.out says in line 4: KeyError: 'lr'\. Correct what the line says/,
  ],
  "stopped in the middle": ["print('epoch 1/9 loss=1')", 1, /What it printed is in \S+nohup\.out: read its end/],
} as const;

for (const [name, [program, exitCode, said]] of Object.entries(BACKGROUND_ENDS)) {
  test(`a training in the background that ${name}: the file is read, and the exit code follows it`, async (context) => {
    const root = await makeWorkspace(context);
    const train = `import time; time.sleep(4); ${program}`;
    const plan = buildPlan(root, ["sh", "-c", `nohup python3 -c "${train}" > nohup.out 2>&1 &`]);
    const folder = await createRun(root, plan, testReceipt);
    const [code] = await once(spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" }), "exit");
    assert.equal(code, exitCode);
    const run = await readRun(folder);
    assert.equal(run.status.backgroundOutput, join(root, "nohup.out"));
    assert.match(describeRunEnd(run), said);
  });
}

const SECOND_ENDS = {
  "ended well": ["print('epoch 1/1 loss=1')", 0, /Its last epoch is in \S+a\.log, \S+b\.log and no error/],
  failed: ["print('epoch 1/9 loss=1'); {}['lr']", 1, /\S+b\.log says in line 4: KeyError: 'lr'/],
  "was stopped in the middle": ["print('epoch 1/9 loss=1')", 1, /What it printed is in \S+b\.log: read its end/],
} as const;

for (const [name, [program, exitCode, said]] of Object.entries(SECOND_ENDS)) {
  test(`the files of two trainings in the background are read, of which the second one ${name}`, async (context) => {
    const root = await makeWorkspace(context);
    const first = "import time; time.sleep(3); print('epoch 1/1 loss=1')";
    const second = `import time; time.sleep(3); ${program}`;
    const script = `python3 -c "${first}" > a.log 2>&1 &\npython3 -c "${second}" > b.log 2>&1 &`;
    const folder = await createRun(root, buildPlan(root, ["sh", "-c", script]), testReceipt);
    const [code] = await once(spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" }), "exit");
    assert.match(describeRunEnd(await readRun(folder)), said);
    assert.equal(code, exitCode);
  });
}

const FAILS = 'python3 -c "import no_such"';

for (const command of [`${FAILS} > train.out 2>&1`, `${FAILS} > out.log 2> train.out`, `(${FAILS} > train.out 2>&1)`]) {
  test(`what failed in the background before anybody could look is told from the file that it names: ${command}`, async (context) => {
    const root = await makeWorkspace(context);
    const plan = buildPlan(root, ["sh", "-c", `${command} & wait`]);
    const folder = await createRun(root, plan, testReceipt);
    await once(spawn(process.execPath, [supervisorPath, "start", folder], { stdio: "ignore" }), "exit");
    const run = await readRun(folder);
    assert.equal(run.state, "finished");
    assert.match(
      describeRunEnd(run),
      /finished in .* Yet \S+train\.out says in line 3: ModuleNotFoundError: No module named 'no_such'/,
    );
  });
}
