import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where MLflow, W&B and Trackio log to when a script does not say: the first two in its current folder, Trackio in the cache
 * of Hugging Face.
 */
export function trackerPlaces(cwd: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  const cache = environment["HF_HOME"] ?? join(homedir(), ".cache", "huggingface");
  return [
    join(cwd, "mlflow.db"),
    join(cwd, "mlruns"),
    join(environment["WANDB_DIR"] ?? cwd, "wandb"),
    environment["TRACKIO_DIR"] ?? join(cache, "trackio"),
  ];
}
