export const flowTemplateIds = ["training", "foreach-sweep"] as const;

export type FlowTemplateId = (typeof flowTemplateIds)[number];

/** What people are told about a template before they choose it. A test compares it with the Python file. */
export type FlowTemplate = {
  id: FlowTemplateId;
  label: string;
  description: string;
  /** The Python file below `templates/`, without its ending, and the class in it: what rendering replaces. */
  moduleName: string;
  className: string;
  steps: readonly { name: string; purpose: string }[];
  parameters: readonly { flag: string; default: string; help: string }[];
  /** What `pip install` needs before the flow runs. */
  packages: readonly string[];
  /** Arguments of a second example run. */
  exampleArguments: string;
};

const SEED = { flag: "--seed", default: "42", help: "Seed of the split, the initial weights and the order" };

export const flowTemplates: Record<FlowTemplateId, FlowTemplate> = {
  training: {
    id: "training",
    label: "Training",
    description: "Load data, train a PyTorch network, evaluate its best epoch on held-out data",
    moduleName: "training_flow",
    className: "TrainingFlow",
    steps: [
      { name: "start", purpose: "checks the parameters" },
      { name: "load_data", purpose: "reads the data and holds a fifth of it out" },
      { name: "train_model", purpose: "trains and keeps the weights of the best epoch" },
      { name: "evaluate", purpose: "measures the best weights and draws a card" },
      { name: "end", purpose: "collects parameters and results in `summary`" },
    ],
    parameters: [
      { flag: "--learning-rate", default: "0.0001", help: "Step size of the Adam optimizer" },
      { flag: "--batch-size", default: "32", help: "Samples per optimizer step" },
      { flag: "--epochs", default: "10", help: "Passes over the training data" },
      SEED,
    ],
    packages: ["metaflow", "scikit-learn", "torch"],
    exampleArguments: "--learning-rate 0.001",
  },
  "foreach-sweep": {
    id: "foreach-sweep",
    label: "Foreach sweep",
    description: "Train every combination of learning rates and batch sizes in parallel and keep the best",
    moduleName: "foreach_sweep_flow",
    className: "ForeachSweepFlow",
    steps: [
      { name: "start", purpose: "checks the parameters and lays out the grid" },
      { name: "load_data", purpose: "reads the data and holds a fifth of it out" },
      { name: "train_model", purpose: "trains one combination; one task for each" },
      { name: "join", purpose: "ranks the results in `all_results` and keeps the best model" },
      { name: "end", purpose: "says which combination won" },
    ],
    parameters: [
      { flag: "--learning-rates", default: "[1e-4, 1e-3, 1e-2]", help: "Step sizes to try, as a JSON list" },
      {
        flag: "--batch-sizes",
        default: "[16, 32, 64]",
        help: "Samples per optimizer step to try, as a JSON list",
      },
      { flag: "--epochs", default: "10", help: "Passes over the training data per combination" },
      SEED,
    ],
    packages: ["metaflow", "scikit-learn"],
    exampleArguments: "--max-workers 2",
  },
};
