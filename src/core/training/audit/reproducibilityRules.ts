import { importsIn } from "../../base/pythonImports.ts";
import { checkpointSaves } from "./fixedCheckpoints.ts";
import { isKeptElsewhere, isSavedEveryRound } from "./keptCheckpoints.ts";
import type { MlRule, RuleHit } from "./mlRule.ts";
import { findMutableDefaults } from "./mutableDefaults.ts";
import type { AuditedCode, ScopedCall } from "./scopedCalls.ts";

export const REPRODUCIBILITY_RULES: readonly MlRule[] = [
  {
    id: "unseeded-training",
    severity: "information",
    about: "a training draws other random numbers in every run",
    find: findUnseededTraining,
  },
  {
    id: "mutable-default",
    severity: "warning",
    about: "a list, dict or set as a default that all calls share",
    find: findMutableDefaults,
  },
  {
    id: "unversioned-checkpoint",
    severity: "warning",
    about: "each checkpoint replaces the one before",
    find: findUnversionedCheckpoints,
  },
];

/** Only of a script: the caller of a module may have seeded. */
function findUnseededTraining(code: AuditedCode): RuleHit[] {
  const training = code.scoped.find(isTrainingStep);
  const isSeeded = code.root.descendantsOfType(["identifier", "string"]).some(({ text }) => /seed|PRNGKey/i.test(text));
  if (!training || isSeeded || !isScript(code)) {
    return [];
  }
  return [
    {
      node: training.node,
      message:
        "No seed is set in this script, so weights, batches and dropout differ in every run and no two results can be compared. Set one before the model is made: `torch.manual_seed(0)`, or `seed_everything`, `keras.utils.set_random_seed`.",
      fixes: seedFix(code),
    },
  ];
}

function isTrainingStep({ method, callee }: ScopedCall): boolean {
  return method === "backward" || /(?:^|\.)optim\w*\.step$/.test(callee);
}

/** A file that does something when it is run: it trains at the top, or it has a main part. */
export function isScript({ root, scoped }: AuditedCode): boolean {
  return (
    root.namedChildren.some((child) => child.type === "if_statement" && child.text.includes("__main__")) ||
    scoped.some((call) => (isTrainingStep(call) || FITTING.test(call.method)) && call.scopeId === root.id)
  );
}

const FITTING = /^(?:fit|train)$/;

const IMPORT = /^(?:import|import_from|future_import)_statement$/;

/** Behind the last import at the top of the file, where `torch` has its own name by then. */
function seedFix({ root }: AuditedCode) {
  const torch = importsIn(root).some(
    ({ module, name, local, isUnconditional }) =>
      isUnconditional && name === undefined && module.split(".")[0] === "torch" && local === "torch",
  );
  const last = root.namedChildren.findLast(({ type }) => IMPORT.test(type));
  if (!torch || !last) {
    return [];
  }
  const at = { line: last.endPosition.row, column: last.endPosition.column };
  return [
    {
      title: "Set a seed behind the imports",
      edits: [
        {
          range: { start: at, end: at },
          text: `${root.text.includes("\r\n") ? "\r\n\r\n" : "\n\n"}torch.manual_seed(0)`,
        },
      ],
    },
  ];
}

/**
 * In a loop each save replaces the one of the epoch before, unless it is the best one so far that is kept. What is saved
 * once, at the end, replaces no epoch; whether it may replace a file of an earlier run is asked when a run starts.
 */
function findUnversionedCheckpoints(code: AuditedCode): RuleHit[] {
  const saves = checkpointSaves(code);
  return saves
    .filter(
      (save) => save.path !== undefined && isSavedEveryRound(save.node, code) && !isKeptElsewhere(save, saves, code),
    )
    .map(({ node, path }) => ({
      node,
      message: `Every round of this loop writes \`${path}\` anew, so the checkpoint before is gone and a bad one cannot be taken back. Put the epoch into the name: \`f"checkpoint_epoch_{epoch}.pt"\`.`,
    }));
}

/** Whether the file writes a model down, which is then more than a trial. */
export function keepsModel({ scoped }: AuditedCode): boolean {
  return scoped.some(
    ({ callee, method }) =>
      /^(?:torch|joblib|pickle|mlflow|dump)\b.*(?:save|dump|log_model)$|^dump$/.test(callee) ||
      /^(?:save_model|save_pretrained|save_weights|log_model)$/.test(method),
  );
}
