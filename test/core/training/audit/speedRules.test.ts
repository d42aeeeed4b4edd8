import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { PythonParser } from "../../../../src/core/base/pythonSyntax.ts";
import { auditTraining } from "../../../../src/core/training/audit/trainingAudit.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

let parser: PythonParser;
before(async () => {
  parser = await loadPythonParser();
});

/** `advice:line`, lines counted from one, below `import torch`. */
function check(lines: readonly string[], expected: readonly string[]): void {
  const { speed } = parser.read(["import torch", ...lines].join("\n"), (root) => auditTraining(root, "train.py"));
  assert.deepEqual(
    speed.map(({ id, line }) => `${id}:${line + 1}`),
    expected,
  );
}

test("a loader in the training's own process is named once, one with workers that start anew too", () => {
  check(["a = DataLoader(x)", "b = DataLoader(y, num_workers=0)"], ["loader-workers:2"]);
  check(["a = DataLoader(x, num_workers=4)"], ["loader-restarts:2"]);
  check(["a = DataLoader(x, num_workers=4, persistent_workers=True)", "b = DataLoader(x, **options)"], []);
});

test("on a GPU pinning, precision and copies count", () => {
  const loop = ["for x, y in a:", "    x = x.to(device)", "    f(model(x), y).backward()"];
  const options = "num_workers=4, persistent_workers=True, pin_memory=True";
  check(
    ['device = "cuda"', "a = DataLoader(d, num_workers=4, persistent_workers=True)", ...loop],
    ["loader-pinning:3", "mixed-precision:6", "tf32:6"],
  );
  check(
    [
      'device = "cuda"',
      'torch.set_float32_matmul_precision("high")',
      `a = DataLoader(d, ${options})`,
      "scaler = GradScaler()",
      ...loop,
    ],
    ["blocking-transfer:7"],
  );
});

test("what waits for the device in every step is found, and what is read between epochs is not", () => {
  check(
    ["for x in a:", "    loss.backward()", "    total += loss.item()", "print(total.item())"],
    ["waits-for-device:4"],
  );
  check(["for epoch in range(3):", "    for x in a:", "        loss.backward()", "    print(loss.item())"], []);
});

test("an evaluation that keeps gradients, and slow switches, are found", () => {
  check(["model.eval()"], ["gradients-in-evaluation:2"]);
  check(["model.eval()", "with torch.no_grad():", "    pass"], []);
  check(
    ["torch.backends.cudnn.deterministic = True", "model = nn.DataParallel(model)"],
    ["deterministic-kernels:2", "data-parallel:3"],
  );
});

test("a script without PyTorch gets no advice about it", () => {
  const { speed } = parser.read("loader = DataLoader(x)", (root) => auditTraining(root, "train.py"));
  assert.deepEqual(speed, []);
});

test("what is loaded, split and fed is read with its line", () => {
  const source = [
    "from sklearn.datasets import load_iris",
    "DATA = 'data/rows.csv'",
    "rows = pd.read_csv(DATA)",
    "more = load_iris()",
    "a, b = train_test_split(rows, test_size=0.2, stratify=y, random_state=1)",
    "l = DataLoader(a, 32, shuffle=True)",
  ].join("\n");
  const { data } = parser.read(source, (root) => auditTraining(root, "train.py"));
  assert.deepEqual(data, {
    sources: [
      { line: 2, call: "pd.read_csv", source: "data/rows.csv" },
      { line: 3, call: "load_iris" },
    ],
    splits: [
      {
        line: 4,
        call: "train_test_split",
        sizes: ["test_size=0.2"],
        parts: ["a", "b"],
        isSeeded: true,
        isStratified: true,
      },
    ],
    loaders: [{ line: 5, dataset: "a", settings: { batch_size: "32", shuffle: "True" } }],
  });
});
