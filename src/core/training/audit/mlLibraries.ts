export const ML_LIBRARIES = new Set(
  `torch torchvision sklearn tensorflow keras lightning pytorch_lightning xgboost lightgbm catboost transformers jax flax
   accelerate imblearn statsmodels datasets timm fastai ignite`.split(/\s+/),
);

/** Whether a text may speak of a library for machine learning at all: cheap enough for every key that is pressed. */
export function mentionsMachineLearning(text: string): boolean {
  return importedNames(text).some((name) => ML_LIBRARIES.has(name));
}

function importedNames(text: string): string[] {
  return [...text.matchAll(/^[ \t]*(?:import|from)[ \t]+([^\r\n#]+)/gm)].flatMap(
    ([, names = ""]) => names.match(/\w+/g) ?? [],
  );
}
