import assert from "node:assert/strict";
import { test } from "node:test";
import { commandPurpose } from "../../../src/core/knowledge/commandPurpose.ts";
import { shellCommands } from "../../../src/core/knowledge/shellCommands.ts";

function check(command: string, purpose: ReturnType<typeof commandPurpose>): void {
  assert.equal(
    commandPurpose(command, (script) => script === "flows/churn.py"),
    purpose,
    command,
  );
}

test("words that only speak of training are no command that trains", () => {
  const others = [
    'git commit -m "train the interns"',
    'git commit -m "validate input"',
    "docker run -m 8g trainer train",
    "docker cp scripts/train.py worker:/code/",
    "python -m black train.py",
    "python -m pytest tests/train",
    "uv run ruff check train.py",
    "uv run validate-pyproject pyproject.toml",
    "uv add --script train.py torch",
    "poetry run pytest tests/train.py",
    "timeout 60 black train.py",
    "mlflow models serve -m models:/train/1",
    "python prepare.py --split train",
    "python -c 'import train; train.main()'",
    "$(RUFF) check train.py",
    "python -m http.server --directory tensorboard --logdir",
    "python manage.py run",
    "python scripts/db.py dump",
    "python manage.py resume",
    "python seed.py airflow create",
    "python flows/churn.py show",
    'echo "python train.py"',
    "ls # then python train.py",
    "tensorboard dev list",
    "train.py",
    "",
  ];
  others.forEach((command) => check(command, undefined));
});

test("a command is for what Python is told to start", () => {
  const trains = [
    "python train.py",
    "python3.11 -u -X dev src/train_cnn.py --lr 1",
    ".venv/bin/python train.py",
    ".\\venv\\Scripts\\python.exe train.py",
    "$(PYTHON) train.py",
    "$(PYTHON_INTERPRETER) src/models/train.py",
    "$(VENV)/bin/python train.py",
    "{{ python }} train.py",
    "./train.py --lr 1",
    "python -m digits.train",
    "torchrun --nproc_per_node 4 train.py",
    "python -m torch.distributed.run --standalone train.py",
    "accelerate launch --config_file conf/accelerate.yaml -m digits.pretrain",
    "deepspeed --num_gpus 4 finetune.py",
    "uv run train.py",
    "uv run --with rich python train.py",
    "uv run -m digits.train",
    "poetry run digits-train",
    "conda run -n ml python train.py",
    "srun --ntasks 4 python train.py",
    'docker run --gpus all -v "$(pwd):/work" image python train.py',
    "cd src && CUDA_VISIBLE_DEVICES=0 exec python train.py 2>&1 | tee log",
    "if [ -f data ]; then python train.py; fi",
    "bash -c 'python train.py --name \"my run\"'",
    "mkdir -p out && python data.py && python train.py && python evaluate.py",
  ];
  trains.forEach((command) => check(command, "train_command"));
  check("python train.py --resume last.pt", "resume_command");
  check("python evaluate.py --on train", "validate_command");
  check("python -m digits.eval_digits", "validate_command");
  check("python -m tensorboard.main --logdir runs", "tensorboard_command");
  check("tensorboard --port 6006 --logdir=runs", "tensorboard_command");
});

test("a command of a flow counts where the script holds a flow or Metaflow is named", () => {
  check("python flows/churn.py run --alpha 1", "run_flow_command");
  check("python flows/churn.py --environment conda resume", "resume_flow_command");
  check("python flows/churn.py dump 12/start", "show_results_command");
  check("python flows/churn.py card view train", "show_results_command");
  check("python flows/churn.py --with retry argo-workflows create", "deploy_flow_command");
  check("python flows/churn.py airflow create dag.py", "deploy_flow_command");
  check("python $(FLOW) step-functions list-runs", "list_runs_command");
  check("uv run --with metaflow $(FLOW).py run", "run_flow_command");
});

test("reads the commands of a line as a shell takes it apart", () => {
  const cases: [line: string, commands: string[][]][] = [
    [`a "b c" 'd;e' f\\ g`, [["a", "b c", "d;e", "f g"]]],
    ["a;b && c||d | e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]],
    ["(cd x; a) 2>&1", [["cd", "x"], ["a"], ["2>&1"]]],
    ["a #b; c\nd#e", [["a"], ["d#e"]]],
    ["$(X y) ${A:-b c} {{ d }}", [["$(X y)", "${A:-b c}", "{{ d }}"]]],
    ['"a', [["a"]]],
  ];
  for (const [line, commands] of cases) {
    assert.deepEqual(shellCommands(line), commands, line);
  }
});
