import assert from "node:assert/strict";
import { test } from "node:test";
import type { LaunchPlan } from "../../../src/core/training/launchPlan.ts";
import {
  planDigest,
  renderPlanCommand,
  renderPlanMarkdown,
  renderPlanText,
} from "../../../src/core/training/renderPlan.ts";

const plan: LaunchPlan = {
  kind: "training",
  title: "train",
  script: "/home/ada/digits/train.py",
  command: ["/home/ada/digits/.venv/bin/python", "train.py", "--lr", "3e-4", "--name", "my run", "--device", "cpu"],
  cwd: "/home/ada/digits",
  environment: { CUDA_VISIBLE_DEVICES: "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", PYTHONUNBUFFERED: "1" },
  interpreter: { path: "/home/ada/digits/.venv/bin/python", reason: "`.venv` beside the script", version: "3.11.7" },
  device: {
    kind: "cuda",
    reason: "idle, with the most free memory of 2 GPUs",
    gpus: [
      {
        index: 1,
        uuid: "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6",
        name: "NVIDIA A10G",
        totalMiB: 23028,
        freeMiB: 22563,
      },
    ],
  },
  arguments: [
    { flag: "--lr", value: "3e-4", source: "given", default: "1e-3" },
    { flag: "--name", value: "my run", source: "given" },
    { flag: "--device", value: "cpu", source: "planned", default: "cuda" },
    { flag: "--epochs", value: "10", source: "default" },
  ],
  checkpointFolder: { path: "/home/ada/digits/checkpoints", reason: "default of `--checkpoint-dir` (train.py:37)" },
  warnings: ["`train.py` imports `torch` (line 6), which `.venv` (Python 3.11.7) does not have."],
};

test("renders the card that a person reads before they agree", () => {
  assert.equal(
    renderPlanMarkdown(plan, "/home/ada"),
    [
      "**Train `digits/train.py`**",
      "",
      "```sh",
      ".venv/bin/python train.py --lr 3e-4 --name 'my run' --device cpu",
      "```",
      "",
      "- **Python** 3.11.7 · `.venv` beside the script",
      "- **Folder** `digits`",
      "- **Device** GPU 1 (NVIDIA A10G, 22.0 of 22.5 GiB free) · idle, with the most free memory of 2 GPUs",
      "- **Checkpoints** `digits/checkpoints` · default of `--checkpoint-dir` (train.py:37)",
      "- **Changed** `--lr 3e-4` (default `1e-3`), `--name 'my run'`, `--device cpu` (default `cuda`, added by Trainyard)",
      "- **Environment** `CUDA_VISIBLE_DEVICES=GPU-8932f937…` `PYTHONUNBUFFERED=1`",
      "",
      "> ⚠️ `train.py` imports `torch` (line 6), which `.venv` (Python 3.11.7) does not have.",
      "",
    ].join("\n"),
  );
});

test("renders the same without Markdown", () => {
  const text = renderPlanText(plan, "/home/ada");
  assert.equal(text.includes("`") || text.includes("**"), false);
  assert.match(
    text,
    /^\.venv\/bin\/python train\.py .*\n\nPython: 3\.11\.7 · \.venv beside the script\nFolder: digits\n/,
  );
});

test("digests what would run and not how it is described", () => {
  const digest = planDigest(plan);
  assert.equal(planDigest({ ...plan, warnings: [], interpreter: { ...plan.interpreter, reason: "other" } }), digest);
  assert.equal(planDigest({ ...plan, environment: { PYTHONUNBUFFERED: "1", ...plan.environment } }), digest);
  assert.notEqual(planDigest({ ...plan, cwd: "/home/ada" }), digest);
  assert.notEqual(planDigest({ ...plan, environment: {} }), digest);
});

test("names the workspace folder where the training runs in it", () => {
  assert.match(
    renderPlanMarkdown(plan, "/home/ada/digits"),
    /\*\*Train `train\.py`\*\*[^]*- \*\*Folder\*\* `digits` \(workspace folder\)/,
  );
});

test("a value that a warning quotes cannot become a link", () => {
  const warnings = ["`--lr` takes a number, not `a`[Start](command:x)."];
  assert.match(renderPlanMarkdown({ ...plan, warnings }, "/home/ada"), /not `a`\\\[Start\\\]\(command:x\)\./);
});

test("on Windows a quoted program is called as PowerShell wants it", () => {
  const command = ["C:\\Program Files\\Python\\python.exe", "train.py"];
  assert.equal(
    renderPlanCommand({ ...plan, command, cwd: "C:\\w" }),
    "& 'C:\\Program Files\\Python\\python.exe' train.py",
  );
  assert.equal(renderPlanCommand({ ...plan, command: ["C:\\w\\py.exe"], cwd: "C:\\w" }), "py.exe");
});

function withKey(key: string): LaunchPlan {
  return {
    ...plan,
    command: [...plan.command, "--api-key", key],
    arguments: [{ flag: "--api-key", value: key, source: "given" }],
    environment: { HF_TOKEN: key },
  };
}

test("a plan shows no secret, and still tells one from another", () => {
  const secret = withKey("hunter22");
  const text = renderPlanText(secret, "/home/ada");
  assert.doesNotMatch(
    [text, renderPlanMarkdown(secret, "/home/ada"), renderPlanCommand(secret)].join("\n"),
    /hunter22/,
  );
  assert.match(text, /Changed: --api-key '…'\nEnvironment: HF_TOKEN=…/);
  assert.notEqual(planDigest(secret), planDigest(withKey("hunter23")));
});
