import type { FactKey, WorkspaceFact } from "./workspaceFacts.ts";

/** A package that a manifest asks for, or that is installed. */
export type PackageMention = {
  name: string;
  /** ">=2.4,<3", "==2.13.0"; empty where any version will do. */
  constraint: string;
  line?: number;
};

const FRAMEWORKS = new Set([
  "torch",
  "tensorflow",
  "keras",
  "jax",
  "flax",
  "lightning",
  "pytorch-lightning",
  "transformers",
  "accelerate",
  "fastai",
  "scikit-learn",
  "xgboost",
  "lightgbm",
  "catboost",
  "ultralytics",
  "timm",
  "diffusers",
  "sentence-transformers",
]);

const TOOLS = new Set([
  "torchvision",
  "torchaudio",
  "tensorboard",
  "wandb",
  "mlflow",
  "hydra-core",
  "omegaconf",
  "optuna",
  "ray",
  "deepspeed",
  "datasets",
  "peft",
  "trl",
  "safetensors",
  "dvc",
  "numpy",
  "pandas",
  "polars",
  "pytest",
]);

/** What conda calls by another name than the index of Python packages. */
const SAME_PACKAGE: Readonly<Record<string, string>> = {
  pytorch: "torch",
  sklearn: "scikit-learn",
  "tensorflow-cpu": "tensorflow",
  "tensorflow-gpu": "tensorflow",
};

/** Facts for the packages that tell what a project is made with; the others are left out. */
export function packageFacts(mentions: readonly PackageMention[], path: string): WorkspaceFact[] {
  return mentions.flatMap(({ name, constraint, line }): WorkspaceFact[] => {
    const normalized = name.toLowerCase().replace(/[-_.]+/g, "-");
    const known = SAME_PACKAGE[normalized] ?? normalized;
    const key = keyOf(known);
    const source = line === undefined ? { path } : { path, line };
    return key
      ? [{ key, value: constraint === "" ? known : `${known} ${constraint}`, source, confidence: "certain" }]
      : [];
  });
}

function keyOf(name: string): FactKey | undefined {
  if (name === "metaflow") {
    return "metaflow_version";
  }
  return FRAMEWORKS.has(name) ? "ml_framework" : TOOLS.has(name) ? "tech_stack" : undefined;
}

export function pythonFact(version: string, path: string, line?: number): WorkspaceFact {
  return {
    key: "python_version",
    value: version,
    source: line === undefined ? { path } : { path, line },
    confidence: "certain",
  };
}

/** Splits "torch[cuda]>=2.4 ; python_version > '3.9'" (PEP 508) into its name and its constraint. */
export function parseRequirement(text: string, line?: number): PackageMention | undefined {
  const match = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(text.trim());
  const [, name, rest = ""] = match ?? [];
  if (name === undefined) {
    return undefined;
  }
  const constraint = rest
    .replace(/\s*;.*$/, "")
    .replace(/\s+--hash.*$/, "")
    .replace(/^\((.*)\)$/, "$1")
    .replace(/\s+/g, "");
  const isVersion = constraint === "" || /^(?:[<>=!~]=?|===)/.test(constraint);
  // `name @ https://…` says where from and not which; anything else is no requirement at all.
  if (!isVersion && !constraint.startsWith("@")) {
    return undefined;
  }
  return { name, constraint: isVersion ? constraint : "", ...(line === undefined ? {} : { line }) };
}
