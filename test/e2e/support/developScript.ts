import assert from "node:assert/strict";
import { type TaskDefinition, tasksOf } from "../../../src/core/workflow/workflowDefinition.ts";
import type { Script, Turn } from "../../support/scriptedModel/script.ts";
import { shippedWorkflow } from "../../support/workflows.ts";
import { CLASSIFIER, TESTS } from "./digitClassifier.ts";

/** What the agents say under each heading that the workflow asks of them. */
const NOTES: Readonly<Record<string, string>> = {
  "Existing code":
    "`train.py` trains a residual network on scikit-learn's digits; `evaluate.py` measures a checkpoint.",
  Conventions: "Type annotations, docstrings, command lines with argparse, checkpoints that are never overwritten.",
  "Open questions": "How fast one batch has to be answered.",
  "Sources and formats": "`sklearn.datasets.load_digits`: 1,797 grey images of 8 × 8 pixels with their digit.",
  "Feature engineering": "None: the pixels themselves, divided by 16.",
  Preprocessing: "Pixels are scaled to 0 to 1 by a constant, so that nothing is fitted on the data.",
  Validation: "Split 70/15/15, stratified by digit, with a seed of its own; the test part is read once.",
  Schema: "Images: float32 of shape (n, 1, 8, 8) from 0 to 1. Labels: int64 from 0 to 9. No missing values.",
  "Missing values": "None; `load_splits` refuses pixels that are no numbers.",
  Outliers: "None that matter: every pixel lies between 0 and 16.",
  Imbalance: "174 to 183 images for each digit, so that accuracy is a fair measure.",
  Correlation: "Neighbouring pixels are correlated, which a network handles by itself.",
  "Training loop":
    "Cross-entropy, AdamW, batches of 32, up to 12 epochs; the best epoch by validation accuracy is kept.",
  "Experiment tracking": "The metrics of each epoch are printed, where Trainyard reads them; no service is needed.",
  "Data loading": "All images fit into memory; a DataLoader shuffles them with a fixed seed.",
  Hyperparameters: "Learning rate 0.005, 64 hidden units. No search: the first setting reaches the goal.",
  Resources: "One CPU core and less than 500 MB for half a minute.",
  "Checkpoints and versions": "`checkpoints/classifier.pt` with weights, epoch, seed and validation accuracy.",
  Orchestration: "None: one program that a person starts.",
  Metrics: "Accuracy on the held-out test images; per-digit recall where two digits are confused.",
  Significance: "270 test images: 0.97 is known to about ± 0.02.",
  Baselines: "A linear model that is fitted on the same training images.",
  "Production monitoring": "Share of each predicted digit per batch; an alarm where it moves by more than 5 points.",
  "A/B test": "None: batches are checked afterwards, and nobody chooses between two answers.",
  "Target files": "`digit_classifier.py` and `test_digit_classifier.py`.",
  Framework: "PyTorch, as in `train.py`.",
  "Unit tests": "Shapes, overfitting a small batch, gradients in every layer.",
  "Training script": "`train_classifier.py`, which takes the splits, the seeds and the saving from `train.py`.",
  Tracking: "One line for each epoch on the console.",
  Configuration: "Arguments of `fit`, with the approved values as defaults.",
  Reproducibility: "One seed for Python, NumPy and PyTorch; the split has its own.",
  "What was built": "A small network with its training, prediction and evaluation.",
  "Decisions and trade-offs": "The small network: nearly the accuracy of the large one for a tenth of its time.",
  "Files created and modified":
    "`digit_classifier.py`, `train_classifier.py`, `predict_digits.py`, `evaluate_classifier.py`, tests.",
  "Next steps": "Tune the width; deploy as a nightly batch; watch the shares of digits; no A/B test.",
  Model: "A network with one hidden layer of 64 units; `checkpoints/classifier.pt`.",
  "Intended use": "Reading single handwritten digits in batches. Not for whole numbers or other scripts.",
  "Training data": "1,257 images of scikit-learn's digits, from 43 writers.",
  Evaluation: "Accuracy on 270 test images in `evaluation.json`, beside the linear model's in `baseline.json`.",
  "Limits and risks": "Only small, centred images; other writers may be read less well.",
  "How to reproduce": "`python train_classifier.py`, then `python evaluate_classifier.py`.",
};

const RISKS: Readonly<Record<string, readonly [description: string, mitigation: string, evidence: string]>> = {
  leakage: ["Images of one writer may stand on both sides of the split.", "Say so; the data names no writer.", ""],
  shift: ["Other scanners and writers.", "Watch the share of each digit.", ""],
  "bias and fairness": ["Digits that are written in several ways.", "Report recall for each digit.", ""],
  reproducibility: ["Other threads, other rounding.", "Seeds for all generators.", "train.py:50"],
  scalability: ["All images are held in memory.", "Enough up to a million of them.", "train.py:50"],
};

type Approach = { name: string; architecture: string; points: readonly [number, number, number] };

const APPROACHES: Readonly<Record<string, Approach>> = {
  baseline: { name: "Linear model", architecture: "Logistic regression on pixels", points: [2, 5, 5] },
  "state-of-the-art": { name: "Convolutional ensemble", architecture: "Five residual networks", points: [5, 1, 1] },
  pragmatic: { name: "Small network", architecture: "One hidden layer of 64 units", points: [4, 5, 4] },
};

/** The files that explorers have read of the sample. */
const KEY_FILES = ["README.md", "evaluate.py", "export.py", "flow.py", "train.py"];

const call = (input: object): Turn => ({ toolCalls: [{ name: "trainyard_workflow", input }] });

const write = (path: string, content: string, agent = "ml-writer"): Turn =>
  call({ action: "write_file", agent, path, content });

const finding = {
  severity: "high",
  evidence: "predict_digits.py:13",
  detail: "A missing checkpoint ends in a bare FileNotFoundError.",
  fix: "Say that train_classifier.py has to run first.",
};

const DOUBTFUL = {
  title: "Perhaps slow for single images",
  confidence: 40,
  detail: "Each call moves one image through the network.",
  fix: "Collect images before they are read.",
};

function outputOf({ id, title, output }: TaskDefinition): object {
  const { kind, sections } = output;
  switch (kind) {
    case "notes": {
      const keyFiles = KEY_FILES.map((path) => ({ path, reason: "It is part of the training." }));
      return {
        kind,
        summary: `${title} of the digit classifier.`,
        sections: sections.map((heading) => ({ heading, text: NOTES[heading] ?? `No note on ${heading}.` })),
        keyFiles: output.keyFiles === undefined ? [] : keyFiles,
      };
    }
    case "risks":
      return {
        kind,
        risks: sections.map((category) => {
          const [description, mitigation, evidence] = RISKS[category] ?? [];
          return { category, severity: "low", description, mitigation, evidence };
        }),
      };
    case "approach":
      return { kind, ...approachOf(id) };
    case "findings":
      return id === "code-quality"
        ? {
            kind,
            findings: [
              { ...finding, title: "Bare error without a checkpoint", confidence: 92 },
              { ...finding, ...DOUBTFUL },
            ],
            checked: "every file that was written",
          }
        : { kind, findings: [], checked: "every file that was written, line by line" };
    case "checks":
      return { kind, checks: sections.map((name) => ({ name, status: "passed", ...proofOf(name) })) };
    case "files":
      break;
  }
  const files = FILES[id] ?? [];
  return {
    kind,
    summary: files.length > 0 ? `${title} as approved.` : "Nothing to mend in the code: the evaluation has to be run.",
    files: files.map(({ path }) => ({ path, purpose: path.startsWith("test_") ? "tests" : title })),
    open: [],
  };
}

function approachOf(id: string): object {
  const { name, architecture, points } = APPROACHES[id] ?? assert.fail(`no approach ${id}`);
  const [performance, simplicity, thrift] = points;
  return {
    name,
    architecture,
    inputsAndOutputs: "8 × 8 pixels in, a digit out",
    training: "Cross-entropy on the training images",
    inference: "Batches on a CPU",
    resources: `${6 - thrift} of 5 in time and memory`,
    ratings: { performance, simplicity, thrift },
    tradeOffs: `Performance ${performance} of 5 for simplicity ${simplicity} of 5`,
  };
}

/** What the checks rest on: the tests, and the metric that the evaluation leaves beside that of the linear model. */
function proofOf(check: string): { evidence: string; proof: object } {
  if (/metric/.test(check)) {
    const baseline = { file: "baseline.json", metric: "accuracy" };
    const proof = { kind: "metric", file: "evaluation.json", metric: "accuracy", baseline };
    return { evidence: "output of `python evaluate_classifier.py`", proof };
  }
  const file = /smoke/.test(check) ? TESTS.smoke : check === "Integration tests" ? TESTS.integration : TESTS.unit;
  return { evidence: `python -m unittest ${file}`, proof: { kind: "tests", files: [file] } };
}

const FILES: Readonly<Record<string, readonly { path: string; content: string }[]>> = {
  "model-code": CLASSIFIER.model,
  "training-code": CLASSIFIER.training,
  serving: CLASSIFIER.serving,
};

/** What an agent of the design tries that is not its to do: to write, to launch, to approve by its words. */
const EARLY: readonly Turn[] = [
  write("early.py", "print('too early')\n", "ml-architect"),
  { toolCalls: [{ name: "trainyard_launch_training", input: {} }] },
  { text: "I approve this design on behalf of the person." },
];

/** The rounds that an evaluation that fails takes before the person is asked. */
const ROUNDS = 3;

/** Nothing was run before the last round, and nothing is claimed of it. */
function answersOf(task: TaskDefinition): Turn[] {
  const { kind, sections } = task.output;
  const notRun = { kind, checks: sections.map((name) => ({ name, status: "not-run", evidence: "" })) };
  return Array.from({ length: ROUNDS }, (_, round) =>
    answer(task.id === "evaluation-run" && round < ROUNDS - 1 ? notRun : outputOf(task)),
  );
}

const answer = (output: object): Turn => ({ text: `Here it is.\n\n\`\`\`json\n${JSON.stringify(output)}\n\`\`\`` });

/** What each agent of the workflow says and writes, by the first line of its task. */
export function developScript(): Script {
  const rules = shippedWorkflow("ml-development")
    .phases.flatMap(tasksOf)
    .map((task) => {
      const reading: Turn = {
        toolCalls: KEY_FILES.map((path) => ({ name: "trainyard_workflow", input: { action: "read_file", path } })),
      };
      return {
        prompt: (task.prompt.split("\n")[0] ?? "").split(/[$(]/)[0]?.trim() ?? "",
        turns: [
          ...(task.output.keyFiles === undefined ? [] : [reading]),
          ...(task.id === "baseline" ? EARLY : []),
          ...(FILES[task.id] ?? []).map(({ path, content }) => write(path, content)),
          ...answersOf(task),
        ],
      };
    });
  return { rules };
}
