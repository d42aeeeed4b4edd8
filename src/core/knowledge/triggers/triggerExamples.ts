/** Wordings of each kind that is understood, to begin a trigger with. */
export const TRIGGER_EXAMPLES: readonly string[] = [
  "torch in dependencies",
  "PyTorch, TensorFlow, or other ML framework in dependencies",
  "metaflow imports in Python files",
  "Flow class definitions with @step decorators",
  "@torch.no_grad decorators",
  "train.py exists",
  "flows/ directory exists",
  "flows/ or workflows/ directory with Metaflow patterns",
  "Checkpoint files (*.pt, *.ckpt)",
  "Model configuration files (*.yaml, *.json with hyperparameters)",
  "*.ipynb",
];
