import { literalText, readConstant } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import type { AuditedCode, ScopedCall } from "./scopedCalls.ts";

/** A line that costs time on a GPU or with many files, and what to write instead. Lines count from zero. */
export type SpeedAdvice = { id: string; line: number; message: string };

/** What one script says about its own speed, most effect first; each piece of advice once, at its first line. */
export function findSpeedAdvice(code: AuditedCode): SpeedAdvice[] {
  const all = collectAdvice(code);
  return all.filter(({ id }, index) => all.findIndex((each) => each.id === id) === index);
}

function collectAdvice(code: AuditedCode): SpeedAdvice[] {
  const usesTorch = /\btorch\b|\blightning\b/.test(code.root.text);
  return usesTorch
    ? [
        ...loaderAdvice(code),
        ...precisionAdvice(code),
        ...transferAdvice(code),
        ...synchronisationAdvice(code),
        ...evaluationAdvice(code),
        ...switchAdvice(code),
      ]
    : [];
}

function loaderAdvice(code: AuditedCode): SpeedAdvice[] {
  return code.scoped
    .filter(({ method, hasSplat }) => method === "DataLoader" && !hasSplat)
    .flatMap((call) => {
      const { line } = call;
      const workers = literalText(readConstant(call.keywords.get("num_workers"), code.constants));
      const inMemory = /TensorDataset/.test(code.root.text);
      const missing = workers === undefined && !call.keywords.has("num_workers");
      const advice: SpeedAdvice[] = [];
      if (missing || workers === "0") {
        advice.push({
          id: "loader-workers",
          line,
          message: inMemory
            ? "The loader reads in the training's own process (`num_workers` is 0). With tensors in memory that is often fastest; measure `num_workers=2` before keeping it."
            : "The loader reads in the training's own process (`num_workers` is 0), so the model waits for each batch. Try `num_workers=4, persistent_workers=True`.",
        });
      } else if (workers !== undefined && !call.keywords.has("persistent_workers")) {
        advice.push({
          id: "loader-restarts",
          line,
          message: "The workers start anew every epoch. Add `persistent_workers=True`.",
        });
      }
      if (!call.keywords.has("pin_memory") && usesCuda(code)) {
        advice.push({
          id: "loader-pinning",
          line,
          message:
            "Batches reach the GPU through pageable memory. Add `pin_memory=True`, and `non_blocking=True` to `.to(device)`.",
        });
      }
      return advice;
    });
}

const MIXED_PRECISION = /\bautocast\b|\bGradScaler\b|\bbfloat16\b|\bbf16\b|\bfp16\b|precision\s*=\s*["']?(?:16|bf16)/;

function precisionAdvice(code: AuditedCode): SpeedAdvice[] {
  const backward = code.scoped.find(({ method }) => method === "backward");
  const text = code.root.text;
  const advice: SpeedAdvice[] = [];
  if (backward && usesCuda(code) && !MIXED_PRECISION.test(text)) {
    advice.push({
      id: "mixed-precision",
      line: backward.line,
      message:
        'Forward and backward run in float32. On a GPU since Ampere try `torch.autocast("cuda", dtype=torch.bfloat16)` around the forward pass; it needs no GradScaler. Compare the validation metric before and after.',
    });
  }
  if (backward && usesCuda(code) && !/set_float32_matmul_precision|allow_tf32/.test(text)) {
    advice.push({
      id: "tf32",
      line: backward.line,
      message:
        'Matrix products keep full float32. `torch.set_float32_matmul_precision("high")` at the start is one line.',
    });
  }
  return advice;
}

function transferAdvice(code: AuditedCode): SpeedAdvice[] {
  const isPinned = code.scoped.some(
    ({ method, keywords }) => method === "DataLoader" && keywords.get("pin_memory")?.text === "True",
  );
  const blocking = isPinned ? inTrainingLoops(code).find(isBlockingTransfer) : undefined;
  return blocking
    ? [
        {
          id: "blocking-transfer",
          line: blocking.line,
          message: "The loader pins its memory, and this copy waits all the same. Add `non_blocking=True`.",
        },
      ]
    : [];
}

function isBlockingTransfer({ method, keywords, positional }: ScopedCall): boolean {
  return (
    (method === "cuda" || (method === "to" && /device|cuda/.test(positional[0]?.text ?? ""))) &&
    !keywords.has("non_blocking")
  );
}

/** Calls inside a loop that also takes optimizer steps: what costs there, costs every step. */
function inTrainingLoops(code: AuditedCode): ScopedCall[] {
  const steps = code.scoped.filter(({ method }) => method === "backward");
  return code.scoped.filter(({ node }) => steps.some((step) => sameLoop(node, step.node)));
}

function sameLoop(node: PythonNode, step: PythonNode): boolean {
  const loop = innermostLoop(step);
  return loop !== undefined && node.startIndex > loop.startIndex && node.endIndex <= loop.endIndex;
}

function innermostLoop(node: PythonNode): PythonNode | undefined {
  let parent = node.parent;
  while (parent && parent.type !== "for_statement" && parent.type !== "function_definition") {
    parent = parent.parent;
  }
  return parent?.type === "for_statement" ? parent : undefined;
}

function synchronisationAdvice(code: AuditedCode): SpeedAdvice[] {
  const waits = inTrainingLoops(code).filter(
    ({ method, positional }) =>
      (method === "item" || method === "numpy" || method === "cpu") && positional.length === 0,
  );
  const [first] = waits;
  return first
    ? [
        {
          id: "waits-for-device",
          line: first.line,
          message: `\`.${first.method}()\` in the training loop waits for the GPU in every step${waits.length > 1 ? ` (${waits.length} such calls)` : ""}. Add up tensors and read the sum every few steps.`,
        },
      ]
    : [];
}

function evaluationAdvice(code: AuditedCode): SpeedAdvice[] {
  const evaluating = code.scoped.find(({ method, positional }) => method === "eval" && positional.length === 0);
  return evaluating && !/\bno_grad\b|\binference_mode\b/.test(code.root.text)
    ? [
        {
          id: "gradients-in-evaluation",
          line: evaluating.line,
          message:
            "The evaluation keeps gradients, which costs memory and time. Put it under `torch.inference_mode()`.",
        },
      ]
    : [];
}

const SWITCHES: readonly { id: string; pattern: RegExp; message: string }[] = [
  {
    id: "deterministic-kernels",
    pattern: /cudnn\.deterministic\s*=\s*True/,
    message:
      "Deterministic kernels are often slower. That is the price of repeatable runs; switch them off only for speed.",
  },
  {
    id: "data-parallel",
    pattern: /\bnn\.DataParallel\(/,
    message:
      "DataParallel copies the model in every step and uses one process. DistributedDataParallel with `torchrun` is faster.",
  },
  {
    id: "anomaly-detection",
    pattern: /detect_anomaly\(|set_detect_anomaly\(True/,
    message: "Anomaly detection makes every backward pass several times slower. Use it only while a NaN is hunted.",
  },
];

function switchAdvice({ root }: AuditedCode): SpeedAdvice[] {
  const lines = root.text.split("\n");
  return SWITCHES.flatMap(({ id, pattern, message }) => {
    const line = lines.findIndex((text) => pattern.test(text) && !/^\s*#/.test(text));
    return line === -1 ? [] : [{ id, line, message }];
  });
}

function usesCuda({ root }: AuditedCode): boolean {
  return /\bcuda\b/.test(root.text);
}
