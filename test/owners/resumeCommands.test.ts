import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderLister } from "../../src/node/checkpoints/listCheckpointFolder.ts";
import { lookBeside } from "../../src/node/checkpoints/lookBeside.ts";
import { planTypedCommand } from "../../src/node/training/cli/commandScript.ts";
import { offerResume } from "../../src/node/training/offerResume.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { ownersPython } from "./ownersPython.ts";

type Case = {
  words: readonly string[];
  /** Where the first run dies. */
  dieAt: number;
  /** What is added to the command. */
  added: readonly string[];
  /** The first line of the run that goes on, and its last. */
  lines: readonly [string, string];
};

const cases: Readonly<Record<string, Case>> = {
  withTrainer: {
    words: "--output_dir out --save_steps 5 --num_train_epochs 2 --use_cpu --report_to none".split(" "),
    dieAt: 13,
    added: ["--resume_from_checkpoint", "out/checkpoint-10"],
    lines: ["step 11", "step 20"],
  },
  withLightning: {
    words: ["--epochs", "3"],
    dieAt: 24,
    added: ["--ckpt-path", "saved/epoch=1-step=20.ckpt"],
    lines: ["step 21", "step 30"],
  },
  withAccelerate: {
    words: [],
    dieAt: 18,
    added: ["--resume_from_checkpoint", "out/step_15"],
    lines: ["step 16", "step 40"],
  },
  withKeras: {
    words: [],
    dieAt: 4,
    added: ["--resume", "saved/model-03-", "--initial-epoch", "3"],
    lines: ["epoch 4", "epoch 6"],
  },
};

function run([program = "", ...words]: readonly string[], cwd: string, dieAt = 0) {
  const env = { ...process.env, DIE_AT: `${dieAt}`, KERAS_HOME: cwd, TRANSFORMERS_VERBOSITY: "error" };
  const { signal, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: "utf8" });
  return { signal, stderr, lines: stdout.split("\n").filter((line) => /^(?:step|epoch) \d+$/.test(line)) };
}

for (const [script, { words, dieAt, added, lines }] of Object.entries(cases)) {
  test(`goes on where a killed training was, by the command that is shown: ${script}`, async (context) => {
    const cwd = temporaryFolder(context);
    copyFileSync(join(import.meta.dirname, "resume", `${script}.py`), join(cwd, "train.py"));
    const command = [ownersPython(), "train.py", ...words];
    const killed = run(command, cwd, dieAt);
    assert.equal(killed.signal, "SIGKILL", killed.stderr.slice(-2_000));
    const plan = await planTypedCommand(command, cwd);
    const { proposal } = await offerResume(
      { plan },
      { listFolder: folderLister(), readCurves: async () => [], lookBeside },
    );
    assert.ok(proposal.kind === "command", JSON.stringify(proposal));
    const shown = proposal.plan.command;
    assert.deepEqual(
      shown.slice(command.length).map((word, index) => word.slice(0, added[index]?.length)),
      added,
    );
    const resumed = run(shown, cwd);
    assert.deepEqual([resumed.lines[0], resumed.lines.at(-1)], lines, resumed.stderr.slice(-2_000));
  });
}
