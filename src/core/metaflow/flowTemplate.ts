export const flowTemplateIds = [
  "training",
  "foreach-sweep",
  "quality-gate",
  "artifacts",
  "robust",
  "kubernetes",
  "batch",
  "scheduled",
  "batch-inference",
  "retraining",
] as const;

export type FlowTemplateId = (typeof flowTemplateIds)[number];

/** What people are told about a template before they choose it. Steps and parameters are read from its file. */
export type FlowTemplate = {
  id: FlowTemplateId;
  label: string;
  description: string;
  /** The Python file below `templates/`, without its ending, and the class in it: what rendering replaces. */
  moduleName: string;
  className: string;
  /** What `pip install` needs before the flow runs. */
  packages: readonly string[];
  /** Arguments of a second example run. */
  exampleArguments: string;
};

const SCIKIT_LEARN = ["metaflow", "scikit-learn"];

export const flowTemplates: Record<FlowTemplateId, FlowTemplate> = {
  training: {
    id: "training",
    label: "Training",
    description: "Load data, train a PyTorch network, evaluate its best epoch on held-out data",
    moduleName: "training_flow",
    className: "TrainingFlow",
    packages: [...SCIKIT_LEARN, "torch"],
    exampleArguments: "--learning-rate 0.001",
  },
  "foreach-sweep": {
    id: "foreach-sweep",
    label: "Foreach sweep",
    description: "Train every combination of learning rates and batch sizes in parallel and keep the best",
    moduleName: "foreach_sweep_flow",
    className: "ForeachSweepFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--max-workers 2",
  },
  "quality-gate": {
    id: "quality-gate",
    label: "Quality gate",
    description: "Measure the quality of the data and train at once, or clean it first where it is too low",
    moduleName: "quality_gate_flow",
    className: "QualityGateFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--damaged-share 0.1",
  },
  artifacts: {
    id: "artifacts",
    label: "Artifacts",
    description: "Settings from an included file, small and large artifacts, and objects in S3 where there is one",
    moduleName: "artifacts_flow",
    className: "ArtifactsFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--seed 7",
  },
  robust: {
    id: "robust",
    label: "Robust",
    description: "Retry, time limits and caught errors; a training that fails leaves a fallback model",
    moduleName: "robust_flow",
    className: "RobustFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--learning-rate 1e300",
  },
  kubernetes: {
    id: "kubernetes",
    label: "Kubernetes",
    description: "Training in a pod when a config or --with says so, and on this machine otherwise",
    moduleName: "kubernetes_flow",
    className: "KubernetesFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--epochs 20",
  },
  batch: {
    id: "batch",
    label: "AWS Batch",
    description: "Cross-validation with one machine of AWS Batch per fold, or one fold after another on this one",
    moduleName: "batch_flow",
    className: "BatchFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--folds 5 --max-workers 2",
  },
  scheduled: {
    id: "scheduled",
    label: "Scheduled",
    description: "Compare each day's data with a reference every night and draw its drift into a card",
    moduleName: "scheduled_flow",
    className: "ScheduledFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--day 2025-01-31",
  },
  "batch-inference": {
    id: "batch-inference",
    label: "Batch inference",
    description: "Apply the model of a run to a large data set, in shards side by side",
    moduleName: "batch_inference_flow",
    className: "BatchInferenceFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--shards 8 --max-workers 2",
  },
  retraining: {
    id: "retraining",
    label: "Retraining",
    description: "Train again when another flow has finished, and keep the better of champion and challenger",
    moduleName: "retraining_flow",
    className: "RetrainingFlow",
    packages: SCIKIT_LEARN,
    exampleArguments: "--min-gain 0.01",
  },
};
