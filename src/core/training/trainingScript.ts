export type ScriptFile = {
  /** Relative to the workspace folder, with `/`. */
  path: string;
  text: string;
};

/** A file that a person may mean by "train". */
export type ScriptCandidate = {
  path: string;
  /** A flow is run by Metaflow and is no training script, though its steps may train. */
  kind: "training" | "flow";
  score: number;
  /** Why it is one, best reason first: "named train.py". */
  reasons: readonly string[];
};

type Evidence = { points: number; reason: string };

const FRAMEWORKS =
  /^[ \t]*(?:import|from)[ \t]+(torch|tensorflow|keras|lightning|pytorch_lightning|transformers|accelerate|jax|flax|fastai|xgboost|lightgbm|catboost|sklearn|ultralytics|paddle|mxnet|trl|timm)\b/gm;

/** Anchored at the start of a line, so that comments and most strings do not count. */
const TRAINING_CALLS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^[^#\n]*\.step\(\)/m, "calls optimizer.step()"],
  [/^[^#\n]*\.backward\(/m, "calls loss.backward()"],
  [/^[^#\n]*\bLightningCLI\(/m, "runs LightningCLI"],
  [/^[^#\n]*\b[Tt]rainer\.fit\(/m, "calls trainer.fit()"],
  [/^[^#\n]*\b[Tt]rainer\.train\(/m, "calls trainer.train()"],
  [/^[^#\n]*\bmodel\.fit\(/m, "calls model.fit()"],
  [/^[^#\n]*\bmodel\.train\(/m, "calls model.train()"],
];

/** Calls that mean a training only in a file that imports the package. */
const CALLS_OF_PACKAGES: readonly (readonly [packages: RegExp, call: RegExp, reason: string])[] = [
  [/^(?:lightning|pytorch_lightning)$/, /^(?![ \t]*def\b)[^#\n]*\.fit\(/m, "calls trainer.fit()"],
  [/^(?:keras|tensorflow)$/, /^(?![ \t]*def\b)[^#\n]*\.fit\(/m, "calls model.fit()"],
  [/^(?:transformers|trl|ultralytics)$/, /^(?![ \t]*def\b)[^#\n]*\.train\(/m, "calls trainer.train()"],
  [/^(?:xgboost|lightgbm)$/, /^[^#\n]*\b(?:xgb|xgboost|lgb|lightgbm)\.(?:train|cv)\(/m, "trains boosted trees"],
  // What is fitted to the data but is no model: a file that only prepares data is no training.
  [
    /^(?:sklearn|xgboost|lightgbm|catboost)$/,
    /^(?![ \t]*def\b)(?![^#\n]*(?:scaler|encoder|vectori[sz]er|tokenizer|imputer|pca|selector|binarizer|transformer|Scaler|Encoder|Vectorizer|Imputer|PCA)\w*(?:\([^)\n]*\))?\.fit\()[^#\n]*\.fit\(/m,
    "fits an estimator",
  ],
];

const ENTRY_POINTS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^if\s+__name__\s*==\s*["']__main__["']/m, "has a __main__ block"],
  [/^@hydra\.main\(/m, "is a Hydra application"],
  [/^(?:for|while|with)\s|^(?:main|train|run)\(|^[A-Za-z_][^#\n]*\.(?:fit|train)\(/m, "runs from the top"],
];

const COMMAND_LINES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\bArgumentParser\(/, "takes arguments with argparse"],
  [/^@click\.(?:command|option)/m, "takes arguments with click"],
  [/\bHfArgumentParser\(/, "takes arguments with HfArgumentParser"],
  [/\btyper\.(?:run|Typer)\(/, "takes arguments with typer"],
];

/** Below this a file is no candidate: importing torch alone, or a name alone, does not make a training. */
const MIN_SCORE = 40;

/** Best first; only `.py` files, without tests, packaging and libraries that nothing starts. */
export function rankTrainingScripts(files: readonly ScriptFile[]): ScriptCandidate[] {
  return files
    .filter((file) => file.path.endsWith(".py") && !isTest(file.path))
    .map(readCandidate)
    .filter((candidate) => candidate.kind === "flow" || candidate.score >= MIN_SCORE)
    .toSorted(
      (a, b) =>
        rankOf(a) - rankOf(b) || b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1),
    );
}

/** Whether the text of a file is worth the full look: a cheap test for the many files of a workspace. */
export function mayTrain(text: string): boolean {
  return (
    /\b(?:torch|tensorflow|keras|lightning|pytorch_lightning|transformers|accelerate|jax|flax|fastai|xgboost|lightgbm|catboost|sklearn|ultralytics|paddle|mxnet|trl|timm|FlowSpec)\b/.test(
      text,
    ) || /\btrain/i.test(text)
  );
}

function rankOf(candidate: ScriptCandidate): number {
  return candidate.kind === "training" ? 0 : 1;
}

function readCandidate(file: ScriptFile): ScriptCandidate {
  const isFlow = /^class\s+\w+\s*\([^)]*\bFlowSpec\b/m.test(file.text);
  if (isFlow) {
    return { path: file.path, kind: "flow", score: 50, reasons: ["defines a Metaflow flow"] };
  }
  const evidence = [...nameEvidence(file.path), ...textEvidence(file.text)];
  const depth = file.path.split("/").length - 1;
  const score = evidence.reduce((sum, { points }) => sum + points, 0) - 2 * depth - placePenalty(file.path);
  const reasons = evidence.filter(({ points }) => points > 0).toSorted((a, b) => b.points - a.points);
  return { path: file.path, kind: "training", score, reasons: reasons.map(({ reason }) => reason) };
}

/** Code of other people and code that only shows something stand behind the project's own. */
function placePenalty(path: string): number {
  if (/(?:^|\/)(?:third[-_]?party|vendor(?:ed)?|extern(?:al)?s?|submodules|site-packages)\//i.test(path)) {
    return 60;
  }
  return /(?:^|\/)(?:examples?|docs?|demos?|tutorials?|benchmarks?)\//i.test(path) ? 20 : 0;
}

function nameEvidence(path: string): Evidence[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const stem = name.slice(0, -".py".length).toLowerCase();
  const reason = `named ${name}`;
  if (stem === "train") {
    return [{ points: 50, reason }];
  }
  if (
    /^(?:training|fine_?tune|pretrain|fit|train_.*|.*_train|run_.*(?:clm|mlm|glue|train).*|.*_?trainer|.*fine_?tun\w*)$/.test(
      stem,
    )
  ) {
    return [{ points: 30, reason }];
  }
  if (stem === "main" || stem === "run") {
    return [{ points: 10, reason }];
  }
  const isOther =
    /^(?:.*_)?(?:eval\w*|infer\w*|predict\w*|test\w*|valid\w*|export|serve|deploy|demo|plot\w*|preprocess|prepare\w*|dataset\w*|data|utils?|models?|layers|setup|config)$/;
  return isOther.test(stem) || name === "__init__.py" ? [{ points: -30, reason }] : [];
}

function textEvidence(text: string): Evidence[] {
  const evidence: Evidence[] = [];
  const frameworks = new Set([...text.matchAll(FRAMEWORKS)].map((match) => match[1] ?? ""));
  const [framework] = frameworks;
  if (framework !== undefined) {
    evidence.push({ points: 15, reason: `imports ${framework}` });
  }
  evidence.push(...callEvidence(text, frameworks));
  const entry = ENTRY_POINTS.find(([pattern]) => pattern.test(text));
  // Nothing happens when such a file is run: it is a library that some other script starts.
  evidence.push(entry ? { points: 15, reason: entry[1] } : { points: -40, reason: "starts nothing" });
  const commandLine = COMMAND_LINES.find(([pattern]) => pattern.test(text));
  if (commandLine) {
    evidence.push({ points: 5, reason: commandLine[1] });
  }
  return evidence;
}

function callEvidence(text: string, frameworks: ReadonlySet<string>): Evidence[] {
  const plain = TRAINING_CALLS.filter(([pattern]) => pattern.test(text)).map(([, reason]) => reason);
  const ofPackages = CALLS_OF_PACKAGES.filter(
    ([packages, call]) => [...frameworks].some((framework) => packages.test(framework)) && call.test(text),
  ).map(([, , reason]) => reason);
  return [...new Set([...plain, ...ofPackages])].map((reason, index) => ({ points: index === 0 ? 20 : 5, reason }));
}

function isTest(path: string): boolean {
  return /(?:^|\/)(?:tests?\/|test_[^/]*\.py$|[^/]*_test\.py$|conftest\.py$|setup\.py$|noxfile\.py$)/.test(path);
}
