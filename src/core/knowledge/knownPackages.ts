import type { FactKey } from "./fact.ts";

const FRAMEWORKS = new Set(
  (
    "torch tensorflow keras jax flax lightning pytorch-lightning transformers accelerate fastai scikit-learn xgboost lightgbm " +
    "catboost ultralytics timm diffusers sentence-transformers paddlepaddle mxnet mlx tinygrad trl skorch stable-baselines3"
  ).split(" "),
);

const TOOLS = new Set(
  (
    "torchvision torchaudio torchmetrics tensorboard wandb mlflow neptune clearml comet-ml trackio hydra-core omegaconf optuna ray " +
    "deepspeed datasets peft bitsandbytes safetensors dvc lakefs numpy pandas polars pyarrow dask great-expectations pydantic " +
    "feast fastapi bentoml prefect apache-airflow dagster kfp pytest"
  ).split(" "),
);

/** Modules that are not called like the package that brings them. */
const PACKAGE_OF_MODULE: Readonly<Record<string, string>> = {
  sklearn: "scikit-learn",
  pytorch_lightning: "pytorch-lightning",
  sentence_transformers: "sentence-transformers",
  paddle: "paddlepaddle",
  hydra: "hydra-core",
  great_expectations: "great-expectations",
  airflow: "apache-airflow",
  comet_ml: "comet-ml",
};

/** Names under which the same package is published as well. */
const SAME_PACKAGE: ReadonlyMap<string, string> = new Map([
  ["pytorch", "torch"],
  ["sklearn", "scikit-learn"],
  ["tensorflow-cpu", "tensorflow"],
  ["tensorflow-gpu", "tensorflow"],
  ["mlflow-skinny", "mlflow"],
  ["jax-cuda", "jax"],
]);

/** The name that facts use for a package. */
export function knownName(name: string): string {
  return SAME_PACKAGE.get(name) ?? name;
}

/** The package a top-level module comes from, where that is known. */
export function packageOfModule(module: string): string | undefined {
  return MODULES.get(module);
}

/** Asked for each import of a workspace, so that no name is made a second time. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ...["metaflow", ...FRAMEWORKS, ...TOOLS].map((name) => [name.replaceAll("-", "_"), name] as const),
  ...Object.entries(PACKAGE_OF_MODULE),
]);

/** What a package tells about a project; nothing for the packages that tell nothing about machine learning. */
export function factKeyOf(name: string): FactKey | undefined {
  if (name === "metaflow") {
    return "metaflow_version";
  }
  return FRAMEWORKS.has(name) ? "ml_framework" : TOOLS.has(name) ? "tech_stack" : undefined;
}

export function isFramework(name: string): boolean {
  return FRAMEWORKS.has(name);
}
