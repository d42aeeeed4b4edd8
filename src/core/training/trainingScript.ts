import { pointsOfName } from "./trainingName.ts";

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

const FRAMEWORK_MODULES =
  "torch|tensorflow|keras|tf_keras|lightning|pytorch_lightning|transformers|accelerate|jax|flax|optax|fastai|xgboost|lightgbm|" +
  "catboost|sklearn|skorch|autogluon|ultralytics|paddle|mxnet|trl|unsloth|timm|mmengine|detectron2|stable_baselines3";

const FRAMEWORKS = new RegExp(`^[ \\t]*(?:import|from)[ \\t]+(${FRAMEWORK_MODULES})\\b`, "gm");

/** Anchored at the start of a line, so that comments and most strings do not count. */
const TRAINING_CALLS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^[^#\n]*\.step\(\)/m, "calls optimizer.step()"],
  [/^[^#\n]*\.backward\(/m, "calls loss.backward()"],
  [/^[^#\n]*\bLightningCLI\(/m, "runs LightningCLI"],
  [/^[^#\n]*\.apply_gradients\(/m, "calls optimizer.apply_gradients()"],
  [/^[^#\n]*\boptax\.apply_updates\(/m, "applies the updates of optax"],
  [/^[^#\n]*[Tt]rainer(?:\([^\n]{0,200}\))?\.fit\(/m, "calls trainer.fit()"],
  [/^[^#\n]*[Tt]rainer(?:\([^\n]{0,200}\))?\.train\(/m, "calls trainer.train()"],
  [/^[^#\n]*\bmodel\.fit\(/m, "calls model.fit()"],
  [/^[^#\n]*\bmodel\.train\(/m, "calls model.train()"],
  [
    /^(?![ \t]*(?:async[ \t]+)?def\b)[^#\n"']*(?<![.\w])(?:train\.)?(?:train|fit|fine_?tune|pretrain)(?:_(?:models?|net|network|one_epoch|epoch|loop|step|and_\w{1,40}))?\(/m,
    "calls a function that trains",
  ],
];

/** Calls that mean a training only in a file that imports the package. */
const CALLS_OF_PACKAGES: readonly (readonly [packages: RegExp, call: RegExp, reason: string])[] = [
  [/^(?:lightning|pytorch_lightning)$/, /^(?![ \t]*def\b)[^#\n]*\.fit\(/m, "calls trainer.fit()"],
  [/^fastai$/, /^(?![ \t]*def\b)[^#\n]*\.(?:fit\w*|fine_tune)\(/m, "fits a learner"],
  [/^stable_baselines3$/, /^(?![ \t]*def\b)[^#\n]*\.learn\(/m, "calls model.learn()"],
  [/^(?:tf_)?keras$|^tensorflow$/, /^(?![ \t]*def\b)[^#\n]*\.fit\(/m, "calls model.fit()"],
  [
    /^(?:transformers|trl|unsloth|ultralytics|mmengine|detectron2)$/,
    /^(?![ \t]*def\b)[^#\n]*\.train\(/m,
    "calls trainer.train()",
  ],
  [/^(?:xgboost|lightgbm)$/, /^[^#\n]*\b(?:xgb|xgboost|lgb|lightgbm)\.(?:train|cv)\(/m, "trains boosted trees"],
  // What is fitted to the data but is no model: a file that only prepares data is no training.
  [
    /^(?:sklearn|skorch|autogluon|xgboost|lightgbm|catboost)$/,
    /^(?![ \t]*def\b)(?![^#\n]*(?:scaler|encoder|vectori[sz]er|tokenizer|imputer|pca|selector|binarizer|transformer|Scaler|Encoder|Vectorizer|Imputer|PCA)\w*(?:\([^)\n]*\))?\.fit\()[^#\n]*\.fit\(/m,
    "fits an estimator",
  ],
];

const ENTRY_POINTS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^if\s+__name__\s*==\s*["']__main__["']/m, "has a __main__ block"],
  [/^@hydra\.main\(/m, "is a Hydra application"],
  [
    /^(?:for|while|with)\s|^(?:sys\.exit\(|raise SystemExit\()?(?:main|train|run|cli)\(|^(?:fire\.Fire|typer\.run|tyro\.cli|app\.run)\(|^[A-Za-z_][^#\n]*\.(?:fit\w*|fine_tune|learn|train)\(/m,
    "runs from the top",
  ],
];

const COMMAND_LINES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\bArgumentParser\(/, "takes arguments with argparse"],
  [/^@click\.(?:command|option)/m, "takes arguments with click"],
  [/\bHfArgumentParser\(/, "takes arguments with HfArgumentParser"],
  [/\btyper\.(?:run|Typer)\(/, "takes arguments with typer"],
];

/** In a file that is named after its training: a script of few lines ends with the call that does it. */
const LAST_CALL = /(?:^|\n)(?!print\()[A-Za-z_][\w.]*\([^\n]*\)\s*$/;

/** Below this a file is no candidate: importing torch alone, or a name alone, does not make a training. */
const MIN_SCORE = 40;

/** A name of so many points needs no call beside it, since the training may lie in a package. */
const NAMED_AFTER_TRAINING = 30;

/** Best first; only `.py` files, without tests, packaging and libraries that nothing starts. */
export function rankTrainingScripts(files: readonly ScriptFile[]): ScriptCandidate[] {
  return files
    .filter((file) => file.path.endsWith(".py") && !isTest(file.path))
    .map(readCandidate)
    .filter((candidate) => candidate.kind === "flow" || candidate.score >= MIN_SCORE)
    .toSorted(
      (a, b) =>
        rankOf(a) - rankOf(b) || b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1),
    )
    .map(({ path, kind, score, reasons }) => ({ path, kind, score, reasons }));
}

const WORTH_A_LOOK = new RegExp(`\\b(?:${FRAMEWORK_MODULES}|FlowSpec)\\b|\\b(?:[Tt]rain|fit\\b|fine_?tune|pretrain)`);

/** Whether a file is worth the full look: a cheap test for the many files of a workspace. */
export function mayTrain({ path, text }: ScriptFile): boolean {
  return WORTH_A_LOOK.test(text) || pointsOfName(path) >= NAMED_AFTER_TRAINING;
}

/** `saysNothing`: only its name tells that it trains, as where all of the training lies in a package. */
type Ranked = ScriptCandidate & { saysNothing: boolean };

function rankOf({ kind, saysNothing }: Ranked): number {
  return kind === "flow" ? 2 : saysNothing ? 1 : 0;
}

function readCandidate(file: ScriptFile): Ranked {
  const isFlow = /^class\s+\w+\s*\([^)]*\bFlowSpec\b/m.test(file.text);
  if (isFlow) {
    return { path: file.path, kind: "flow", score: 50, reasons: ["defines a Metaflow flow"], saysNothing: false };
  }
  const named = nameEvidence(file.path);
  const evidence = [...named, ...textEvidence(file.text, named[0]?.points ?? 0)];
  const depth = file.path.split("/").length - 1;
  const score = evidence.reduce((sum, { points }) => sum + points, 0) - 2 * depth - placePenalty(file.path);
  const reasons = evidence.filter(({ points }) => points > 0).toSorted((a, b) => b.points - a.points);
  const saysNothing = !WORTH_A_LOOK.test(file.text);
  return { path: file.path, kind: "training", score, reasons: reasons.map(({ reason }) => reason), saysNothing };
}

/** Code of other people and code that only shows something stand behind the project's own. */
function placePenalty(path: string): number {
  if (/(?:^|\/)(?:third[-_]?party|vendor(?:ed)?|extern(?:al)?s?|submodules|site-packages)\//i.test(path)) {
    return 60;
  }
  if (/(?:^|\/)(?:old|archived?|deprecated|legacy|attic|backups?|unused)\//i.test(path)) {
    return 30;
  }
  if (/(?:^|\/)(?:models?|layers|modules|networks?|datasets?|utils?|helpers)\/[^/]*$/.test(path)) {
    return 20;
  }
  return /(?:^|\/)(?:examples?|docs?|demos?|tutorials?|benchmarks?)\//i.test(path) ? 20 : 0;
}

function nameEvidence(path: string): Evidence[] {
  const points = pointsOfName(path);
  return points === 0 ? [] : [{ points, reason: `named ${path.slice(path.lastIndexOf("/") + 1)}` }];
}

function textEvidence(text: string, pointsOfItsName: number): Evidence[] {
  const evidence: Evidence[] = [];
  const frameworks = new Set([...text.matchAll(FRAMEWORKS)].map((match) => match[1] ?? ""));
  const [framework] = frameworks;
  if (framework !== undefined) {
    evidence.push({ points: 15, reason: `imports ${framework}` });
  }
  const calls = callEvidence(text, frameworks);
  evidence.push(...calls);
  if (calls.length === 0 && pointsOfItsName < NAMED_AFTER_TRAINING) {
    evidence.push({ points: -20, reason: "trains nothing itself" });
  }
  // Nothing happens when a file without an entry is run: it is a library that some other script starts.
  const entry = entryOf(text, pointsOfItsName);
  evidence.push(entry === undefined ? { points: -60, reason: "starts nothing" } : { points: 15, reason: entry });
  const commandLine = COMMAND_LINES.find(([pattern]) => pattern.test(text));
  if (commandLine) {
    evidence.push({ points: 5, reason: commandLine[1] });
  }
  return evidence;
}

function entryOf(text: string, pointsOfItsName: number): string | undefined {
  const entry = ENTRY_POINTS.find(([pattern]) => pattern.test(text))?.[1];
  const endsWithCall = pointsOfItsName >= NAMED_AFTER_TRAINING && LAST_CALL.test(text);
  return entry ?? (endsWithCall ? "runs from the top" : undefined);
}

function callEvidence(text: string, frameworks: ReadonlySet<string>): Evidence[] {
  const plain = TRAINING_CALLS.filter(([pattern]) => pattern.test(text)).map(([, reason]) => reason);
  const ofPackages = CALLS_OF_PACKAGES.filter(
    ([packages, call]) => [...frameworks].some((framework) => packages.test(framework)) && call.test(text),
  ).map(([, , reason]) => reason);
  return [...new Set([...plain, ...ofPackages])].map((reason, index) => ({ points: index === 0 ? 20 : 5, reason }));
}

/** Tests, packaging, and copies that tools made of a file. */
function isTest(path: string): boolean {
  return /(?:^|\/)(?:(?:\w+_)?tests?\/|\.ipynb_checkpoints\/|build\/|dist\/|test_[^/]*\.py$|[^/]*_test\.py$|conftest\.py$|setup\.py$|noxfile\.py$)/.test(
    path,
  );
}
