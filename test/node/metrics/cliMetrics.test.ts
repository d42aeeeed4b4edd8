import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { metricsVerb } from "../../../src/node/metrics/cliMetrics.ts";
import { followMetrics } from "../../../src/node/metrics/followMetrics.ts";
import { LogFolder } from "../../../src/node/metrics/logFolder.ts";
import { RunMetrics } from "../../../src/node/metrics/runMetrics.ts";
import { namedRuns } from "../../../src/node/training/namedRuns.ts";
import { scalarRecord } from "../../support/eventRecords.ts";
import { repositoryRoot } from "../../support/python.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const fixtures = join(repositoryRoot, "test", "fixtures", "metrics");

/** What `trainyard metrics` prints of a file or folder. */
async function printMetrics(root: string, word: string, options: Record<string, boolean> = {}): Promise<string> {
  const printed: string[] = [];
  const host = { supervisorPath: "", version: "", print: (text: string) => void printed.push(text) };
  await metricsVerb(namedRuns).run({ root, folder: root, words: [word], options, rest: [], host });
  return printed.join("\n");
}

test("the command line reads a log that is named whatever it is called, and a text that was printed", async (context) => {
  const root = temporaryFolder(context);
  await mkdir(join(root, "one"));
  await writeFile(join(root, "one", "my run.csv"), "step,loss\n1,0.5\n");
  assert.equal(
    await printMetrics(root, "one/my run.csv", { csv: true }),
    "run,metric,step,value\nmy run.csv,loss,1,0.5",
  );
  await writeFile(join(root, "one", "losses.ndjson"), '{"step": 1, "loss": 0.5}\n');
  assert.equal(
    await printMetrics(root, "one/losses.ndjson", { csv: true }),
    "run,metric,step,value\nlosses.ndjson,loss,1,0.5",
  );
  await writeFile(
    join(root, "nohup.out"),
    " 50%|#    | 1/2 [00:01<00:01, 1.20it/s, loss=0.5]\r100%|##| 2/2 [00:02<00:00, 1.20it/s, loss=0.25]\n",
  );
  assert.equal(
    await printMetrics(root, "nohup.out", { csv: true }),
    "run,metric,step,value\nnohup.out,loss,1,0.5\nnohup.out,loss,2,0.25",
  );
  await mkdir(join(root, "vis_data"));
  await writeFile(join(root, "vis_data", "scalars.json"), '{"lr": 0.1, "loss": 0.5, "step": 1}\n');
  await writeFile(join(root, "vis_data", "result.json"), '{"accuracy": 0.9}\n');
  assert.match(await printMetrics(root, "vis_data"), /^vis_data\n- loss 0\.5 at step 1\n- lr 0\.1 at step 1$/);
  await writeFile(join(root, "log.txt"), "iter 1: loss 0.5, time 1ms\n");
  assert.equal(await printMetrics(root, "log.txt"), "log.txt\n- loss 0.5 at step 1");
  await mkdir(join(root, "redirected"));
  await writeFile(join(root, "redirected", "log.txt"), "iter 1: loss 0.5, time 1ms\niter 2: loss 0.25, time 1ms\n");
  assert.match(await printMetrics(root, "redirected"), /^log\.txt\n- loss 0\.5 → 0\.25 at step 2/);
  await writeFile(join(root, "notes.txt"), "nothing\n");
  await assert.rejects(printMetrics(root, "notes.txt"), /There are no values in .*notes\.txt\. Looked for lines like/);
});

test("of names that data sets and printed texts have as well, the tables that count their rows or have a loss are logs", async (context) => {
  const root = temporaryFolder(context);
  await writeFile(join(root, "train.csv"), "id,age,label\n1,30,0\n");
  await writeFile(join(root, "train.log"), "Epoch 1, step 2: loss 0.5\n");
  await writeFile(join(root, "metrics.log"), "step, 1, loss, 0.5\n");
  await writeFile(join(root, "history.log"), "epoch\n");
  await writeFile(join(root, "train_claims.csv"), "id,age,loss\n1,30,2500\n");
  await assert.rejects(printMetrics(root, "."), /There are no values in/);
  assert.match(await printMetrics(root, "train.csv"), /- age 30 at step 1/, "what somebody names is read");
  await writeFile(join(root, "training.log"), "epoch,loss,val_loss\n0,0.5,0.6\n");
  assert.match(await printMetrics(root, "."), /- val_loss 0\.6 at step 0.*\n- loss 0\.5 at step 0[^]*$/);
  assert.match(await printMetrics(root, "training.log"), /- val_loss 0\.6 at step 0/);
  await writeFile(join(root, "train.csv"), "epoch;acc\n1;0.25\n");
  assert.match(await printMetrics(root, "."), /acc 0\.25 at step 1/);
  await writeFile(join(root, "train_claims.csv"), "train_loss,lr\n0.75,0.1\n");
  assert.match(await printMetrics(root, "."), /train_claims\/train_loss 0\.75 at step 1/);
});

test("logs with names of their own are a run each, in the order of the numbers in them, and data sets beside them are none", async (context) => {
  const root = temporaryFolder(context);
  for (const name of ["run_10", "run_2", "lr 0.1", "lr 0.003"]) {
    await writeFile(join(root, `${name}.csv`), "epoch,loss,val_acc\n0,0.5,0.25\n");
  }
  await writeFile(join(root, "lines ✓.jsonl"), '{"config": {"lr": 0.1}}\n{"step": 1, "val": {"loss": 0.5}}\n');
  await writeFile(join(root, "frames.csv"), "step,width,height\n1,2,3\n");
  await writeFile(join(root, "claims.csv"), "id,step,loss\n1,2,3\n");
  await writeFile(join(root, "chat.jsonl"), '{"text": "epoch 1 loss 0.5", "score": 0.5}\n');
  const found = await printMetrics(root, ".");
  assert.deepEqual(found.match(/^[^-\n].*(?:csv|jsonl)$/gm), [
    "lines ✓.jsonl",
    "lr 0.003.csv",
    "lr 0.1.csv",
    "run_2.csv",
    "run_10.csv",
  ]);
  await writeFile(join(root, "train.log"), "epoch 1 loss 0.5\nepoch 2 loss 0.25\n");
  assert.doesNotMatch(await printMetrics(root, "."), /train\.log/, "what was printed beside tables is theirs");
  await mkdir(join(root, "version_0"));
  await writeFile(join(root, "version_0", "metrics.csv"), "step,loss\n1,0.5\n");
  assert.equal(
    await printMetrics(root, ".", { csv: true }),
    "run,metric,step,value\nversion_0,loss,1,0.5",
    "above a log of a usual name they are other forms of it",
  );
});

test("the history that Keras gives is found by its name and its lists, and any document of values is read when it is named", async (context) => {
  const root = temporaryFolder(context);
  const save = async (path: string, document: unknown, indent?: number) => {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), JSON.stringify(document, undefined, indent));
  };
  await save("a/history.json", { loss: [0.5, 0.25], val_loss: [0.75, 0.5] });
  await save("b/cnn_history.json", { train: { loss: [0.5, 0.25] } }, 2);
  await save("c/results.json", { bins: [1, 2, 3] });
  await save("d/metrics.json", { accuracy: 0.9 });
  assert.equal(
    await printMetrics(root, ".", { csv: true }),
    "run,metric,step,value\na,loss,0,0.5\na,loss,1,0.25\na,val_loss,0,0.75\na,val_loss,1,0.5\nb,train/loss,0,0.5\nb,train/loss,1,0.25",
  );
  await save("all_results.json", { epoch: 3, eval_loss: 0.5 }, 4);
  assert.match(await printMetrics(root, "all_results.json"), /^- eval_loss 0\.5 at step 3$/m);
  await writeFile(join(root, "one.json"), '{"betas": [0.9, 0.99], "step": 1, "loss": 2}\n{"step": 2, "loss": 1}\n');
  assert.match(await printMetrics(root, "one.json"), /loss 2 → 1 at step 2/);
});

test("what trainings printed to files of a folder is a run each, and other logs are none", async (context) => {
  const root = temporaryFolder(context);
  await mkdir(join(root, ".trainyard", "runs", "a"), { recursive: true });
  const text = "epoch 1 loss 0.5\nepoch 2 loss 0.25\n";
  for (const name of ["slurm-12.out", "slurm-9.out", "nano gpt.log", "notes.txt", ".trainyard/runs/a/train.log"]) {
    await writeFile(join(root, name), text);
  }
  await writeFile(join(root, "server.log"), "12:00 started\n12:01 loss of connection, retry in 3 s\n");
  const found = await printMetrics(root, ".", { csv: true });
  assert.deepEqual(
    [...new Set(found.split("\n").map((line) => line.split(",")[0]))],
    ["run", "nano gpt.log", "slurm-9.out", "slurm-12.out"],
  );
});

test("logs lie as deep as templates put them, and those of installed packages are none", async (context) => {
  const root = temporaryFolder(context);
  const folders = [
    "logs/train/multiruns/2026-11-22/0/csv/version_0",
    ".venv/lib/python3.11/site-packages/x",
    "logs/venv",
  ];
  for (const folder of folders) {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, "metrics.csv"), "step,loss\n1,0.5\n");
  }
  assert.equal(await printMetrics(root, ".", { csv: true }), `run,metric,step,value\n${folders[0]},loss,1,0.5`);
});

test("links that lead out of a folder are followed, as TensorBoard does, and no log is read twice", async (context) => {
  const root = temporaryFolder(context);
  for (const folder of ["logs/first", "disk/second", "disk/third"]) {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, "metrics.csv"), "step,loss\n1,0.5\n");
  }
  await symlink(join(root, "disk", "second"), join(root, "logs", "linked"));
  await symlink(join(root, "disk", "second"), join(root, "logs", "linked again"));
  await symlink(join(root, "logs", "first"), join(root, "logs", "latest"));
  await symlink(root, join(root, "logs", "around"));
  await symlink(join(root, "gone"), join(root, "logs", "gone"));
  await mkdir(join(root, "logs", "file"));
  await symlink(join(root, "disk", "third", "metrics.csv"), join(root, "logs", "file", "metrics.csv"));
  const found = await printMetrics(root, "logs", { csv: true });
  assert.equal(
    found.replace("linked again", "linked"),
    "run,metric,step,value\nfile,loss,1,0.5\nfirst,loss,1,0.5\nlinked,loss,1,0.5",
  );
});

test("what was not looked through, because too much there is no log, is said", async (context) => {
  const root = temporaryFolder(context);
  for (let index = 0; index < 1_300; index++) {
    mkdirSync(join(root, "data", "train", `${index}`), { recursive: true });
  }
  await assert.rejects(
    printMetrics(root, "data"),
    /There are no values in .*data\. Not looked through, .*: [\d,]+ folders, beginning with train\/\d+\. Name .* Looked for/,
  );
});

test("the command line says what of a log is damaged, and tells runs of one name apart", async (context) => {
  const root = temporaryFolder(context);
  await mkdir(join(root, "a"));
  await mkdir(join(root, "junk"));
  const whole = scalarRecord("loss", 1, 0.5);
  const damaged = Uint8Array.from(scalarRecord("loss", 2, 0.25));
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 0xff;
  await writeFile(join(root, "a", "events.out.tfevents.1"), Buffer.concat([whole, damaged]));
  assert.match(await printMetrics(root, "a"), /loss 0\.5 at step 1\n1 damaged record was left out\.$/);
  assert.deepEqual(JSON.parse(await printMetrics(root, "a", { json: true })).runs[0].problems, [
    "1 damaged record was left out.",
  ]);
  await writeFile(join(root, "junk", "events.out.tfevents.1"), Buffer.alloc(100, 7));
  await assert.rejects(printMetrics(root, "junk"), /events\.out\.tfevents\.1: The file is damaged; .* Looked for/);
  const metrics = new RunMetrics({ folder: join(root, "junk"), startedMs: 0 });
  await metrics.update();
  assert.match(metrics.source(root), /^no values yet; looked in junk and .*\. The file is damaged; .*read$/);
  await mkdir(join(root, "two"));
  for (const store of ["first.db", "second.db"]) {
    await copyFile(join(fixtures, "mlflow.db"), join(root, "two", store));
  }
  const names = JSON.parse(await printMetrics(root, "two", { json: true })).runs.map(
    ({ name }: { name: string }) => name,
  );
  assert.equal(new Set(names).size, names.length);
  assert.match(names.join("\n"), /first \(first\.db#/);
});

test("following prints the rows that are added, once", async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, "metrics.csv");
  const printed: string[] = [];
  async function* turns() {
    for (const text of ["step,loss\n1,0.5\n", "", "2,0.25\n3,nan\n"]) {
      await writeFile(path, text, { flag: "a" });
      yield text;
    }
  }
  await followMetrics(new LogFolder(folder), "csv", {
    print: (text) => void printed.push(text),
    turns: turns(),
    place: folder,
  });
  const run = folder.split("/").at(-1);
  assert.deepEqual(printed, ["run,metric,step,value", `${run},loss,1,0.5`, `${run},loss,2,0.25\n${run},loss,3,NaN`]);
});

test("more rows than a text can hold are printed in pieces, whether they are followed or not", async (context) => {
  const root = temporaryFolder(context);
  const rows = Array.from({ length: 12_001 }, (_, step) => `${step},${step / 2}`);
  await writeFile(join(root, "metrics.csv"), `step,loss\n${rows.join("\n")}\n`);
  const once: string[] = [];
  const host = { supervisorPath: "", version: "", print: (text: string) => void once.push(text) };
  await metricsVerb(namedRuns).run({ root, folder: root, words: ["."], options: { csv: true }, rest: [], host });
  const followed: string[] = [];
  const print = (text: string) => void followed.push(text);
  await followMetrics(new LogFolder(root), "csv", { print, turns: Readable.from([1]), place: root });
  const run = root.split("/").at(-1);
  for (const printed of [once, followed]) {
    assert.equal(printed.length, 4);
    assert.equal(printed.join("\n"), ["run,metric,step,value", ...rows.map((row) => `${run},loss,${row}`)].join("\n"));
  }
});

/** What is printed as CSV, without its header, when a table is written as these texts one after the other; `undefined` removes it. */
async function follow(context: TestContext, texts: readonly (string | undefined)[]): Promise<string[]> {
  const folder = temporaryFolder(context);
  const path = join(folder, "metrics.csv");
  const printed: string[] = [];
  async function* turns() {
    for (const text of texts) {
      await (text === undefined ? rm(path) : writeFile(path, text));
      yield text;
    }
  }
  const print = (text: string) => void printed.push(...text.split("\n"));
  await followMetrics(new LogFolder(folder), "csv", { print, turns: turns(), place: folder });
  return printed.slice(1).map((row) => row.slice(row.indexOf(",") + 1));
}

/** A run in MLflow's file store, with one value. */
async function writeMlflowRun(folder: string, name: string): Promise<void> {
  await mkdir(join(folder, "metrics"), { recursive: true });
  await writeFile(join(folder, "meta.yaml"), `run_name: ${name}\nstart_time: 1\n`);
  await writeFile(join(folder, "metrics", "loss"), "1 0.5 1\n");
}

test("following prints nothing again of a run that another one of its name comes beside", async (context) => {
  const root = temporaryFolder(context);
  const printed: string[] = [];
  async function* turns() {
    for (const run of ["a", "b"]) {
      await writeMlflowRun(join(root, run), "digits");
      yield run;
    }
  }
  await followMetrics(new LogFolder(root), "csv", {
    print: (text) => void printed.push(text),
    turns: turns(),
    place: root,
  });
  assert.deepEqual(printed, ["run,metric,step,value", "digits,loss,1,0.5", "digits (b),loss,1,0.5"]);
});

test("following prints a log that was removed and begun anew from its beginning", async (context) => {
  const printed = await follow(context, [
    "step,loss\n1,5\n2,4\n",
    undefined,
    "step,loss\n1,7\n",
    "step,loss\n1,7\n2,6\n",
  ]);
  assert.deepEqual(printed, ["loss,1,5", "loss,2,4", "loss,1,7", "loss,2,6"]);
});

test("following prints nothing again of a table that is written anew for a new column, not even half of it", async (context) => {
  const begun = "step,acc,loss\n1,,5\n";
  const printed = await follow(context, ["step,loss\n1,5\n2,4\n", begun, `${begun}2,,4\n`, `${begun}2,,4\n3,0.5,3\n`]);
  assert.deepEqual(printed, ["loss,1,5", "loss,2,4", "loss,3,3", "acc,3,0.5"]);
});

test("names in logs cannot command the terminal that they are printed to", async (context) => {
  const root = temporaryFolder(context);
  const row = { step: 1, "loss\u001b]0;title\u0007\u001b[2J": 0.5 };
  await writeFile(join(root, "metrics.jsonl"), `${JSON.stringify(row)}\n`);
  const printed = [
    await printMetrics(root, "."),
    await printMetrics(root, ".", { csv: true }),
    await printMetrics(root, ".", { plot: true }),
  ];
  for (const format of ["text", "csv"] as const) {
    const print = (text: string) => void printed.push(text);
    await followMetrics(new LogFolder(root), format, { print, turns: Readable.from([1]), place: root });
  }
  assert.match(printed.join("\n"), /loss \]0;title \[2J,1,0\.5/);
  assert.doesNotMatch(printed.join("\n"), /(?!\n)\p{Cc}/u);
});

test("following says that it waits where there is nothing yet", async (context) => {
  const folder = temporaryFolder(context);
  const printed: string[] = [];
  const turns = Readable.from([1, 2]);
  await followMetrics(new LogFolder(folder), "text", {
    print: (text) => void printed.push(text),
    turns,
    place: folder,
  });
  assert.deepEqual(printed, [`There are no values in ${folder} yet. They are shown as they come; Ctrl-C ends this.`]);
});

test("a log whose steps count within the epoch keeps the values of every epoch", async (context) => {
  const root = temporaryFolder(context);
  const rows = [0, 1, 2].flatMap((epoch) =>
    [0, 10, 20].map((step) => ({ epoch, step, val_loss: epoch === 0 && step === 10 ? 0.01 : 1 / (epoch + 1) })),
  );
  await writeFile(join(root, "train_log.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  assert.match(
    await printMetrics(root, "train_log.jsonl"),
    /- val_loss 1 → 0\.3333 at step 20 · best 0\.01 at step 10$/m,
  );
  const lines = rows.map((row) => `${row.epoch},${row.step},${row.val_loss}\n`);
  await writeFile(join(root, "metrics.csv"), `epoch,step,val_loss\n${lines.join("")}`);
  assert.match(await printMetrics(root, "metrics.csv"), /- val_loss 1 → 0\.3333 at step 20 · best 0\.01 at step 10$/m);
});

const failure = "E1121 17:24:27.853000 1 api.py:1002] failed (exitcode: -9) local_rank: 1 (pid: 2) of binary: python3";

function printedFrom(step: number, loss: number): string[] {
  return [0, 1, 2].map((at) => `step ${step + at} loss ${loss + at / 100}`);
}

test("a table or lines whose global step goes back are drawn on from there, as a resumed training logs them", async (context) => {
  const root = temporaryFolder(context);
  const steps = [0, 10, 20, 30, 5, 15, 25, 35, 45];
  const told = /loss 1 → 0\.2 at step 45.*the steps went back to 5: 3 earlier values are superseded/;
  const values = steps.map((step, at) => ({ epoch: Math.floor(step / 10), step, loss: 1 - at / 10 }));
  const rows = values.map(({ epoch, step, loss }) => `${epoch},${step},${loss}\n`).join("");
  await writeFile(join(root, "metrics.csv"), `epoch,global_step,loss\n${rows}`);
  assert.match(await printMetrics(root, "metrics.csv"), told);
  await writeFile(join(root, "metrics.csv"), `epoch,step,loss\n${rows}`);
  assert.doesNotMatch(await printMetrics(root, "metrics.csv"), /superseded/, "a step may count within its epoch");
  const lines = values.map(({ epoch, step, loss }) => JSON.stringify({ epoch, global_step: step, loss }));
  await writeFile(join(root, "log.jsonl"), `${lines.join("\n")}\n`);
  assert.match(await printMetrics(root, "log.jsonl"), told);
});

test("a global step that comes late, from a second writer or from a second training hides no value", async (context) => {
  const root = temporaryFolder(context);
  const twice = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const logs: Record<string, number[]> = {
    late: [1_000, 2_000, 4_000, 3_000],
    "late, then on": [1_000, 2_000, 4_000, 3_000, ...twice.map((at) => 4_000 + at * 1_000)],
    "two writers": twice.flatMap((step) => [step + 1, step]),
    "two trainings": [...twice, ...twice],
  };
  for (const [name, steps] of Object.entries(logs)) {
    const lines = steps.map((step, at) => `${JSON.stringify({ global_step: step, loss: at + 1 })}\n`);
    await writeFile(join(root, "log.jsonl"), lines.join(""));
    assert.match(await printMetrics(root, "log.jsonl"), new RegExp(`loss 1 → ${steps.length} `), name);
    assert.doesNotMatch(await printMetrics(root, "log.jsonl"), /superseded/, name);
    const rows = steps.map((step, at) => `${step},${at + 1}\n`);
    await writeFile(join(root, "metrics.csv"), `time/total_timesteps,loss\n${rows.join("")}`);
    assert.doesNotMatch(await printMetrics(root, "metrics.csv"), /superseded/, name);
  }
});

test("where two writers fill a log in turns, which looks like resumes, it is said that they may", async (context) => {
  const root = temporaryFolder(context);
  const turns = Array.from({ length: 5 }, (_, turn) => Array.from({ length: 4 }, (__, at) => turn * 4 + at));
  const rows = turns.flatMap((steps) => [...steps, ...steps]).map((step) => `${step},0.5\n`);
  await writeFile(join(root, "metrics.csv"), `global_step,loss\n${rows.join("")}`);
  assert.match(
    await printMetrics(root, "metrics.csv"),
    /the steps went back 4 times, as far as to 4: 16 earlier values are superseded \(if two processes write to this log, give each one of its own\)/,
  );
});

test("workers that torchrun starts again supersede what those before them printed from their step on", async (context) => {
  const root = temporaryFolder(context);
  await writeFile(join(root, "with.log"), [...printedFrom(0, 3), failure, ...printedFrom(1, 2), ""].join("\n"));
  await writeFile(join(root, "without.log"), [...printedFrom(0, 3), ...printedFrom(1, 2), ""].join("\n"));
  assert.match(
    await printMetrics(root, "with.log"),
    /loss 3 → 2\.02 at step 3 .*the steps went back to 1: 2 earlier values are superseded/,
  );
  assert.doesNotMatch(await printMetrics(root, "without.log"), /superseded/);
});

test("of workers that torchrun starts again, only a step that is told supersedes, and a late line of those before does not hide it", async (context) => {
  const root = temporaryFolder(context);
  const logs: Record<string, string[]> = {
    "stepless.log": [failure, "loss 2.5", ...printedFrom(1, 2)],
    "late.log": [failure, "step 3 loss 3.03", ...printedFrom(1, 2)],
  };
  for (const [name, lines] of Object.entries(logs)) {
    await writeFile(join(root, name), [...printedFrom(0, 3), ...lines, ""].join("\n"));
    assert.match(
      await printMetrics(root, name),
      /loss 3 → 2\.02 at step 3 .*the steps went back to 1: 3 earlier values are superseded/,
      name,
    );
  }
  const goesOn = [...printedFrom(0, 3), failure, ...[3, 6, 9].flatMap((step) => printedFrom(step, 2)), "step 0 loss 1"];
  await writeFile(join(root, "goesOn.log"), [...goesOn, ""].join("\n"));
  assert.doesNotMatch(await printMetrics(root, "goesOn.log"), /superseded/);
});
