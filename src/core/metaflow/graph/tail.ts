import type { TextRange } from "../../base/problems.ts";
import type { PythonValue } from "./pythonValue.ts";

/** The last statement of a step, as far as it is a transition. */
export type Tail =
  | { kind: "none" }
  | {
      kind: "next";
      range: TextRange;
      transition: Transition;
      targets: readonly TargetSource[];
      arguments: readonly NextArgument[];
    };

export type TargetSource = { name: string; range: TextRange };

/** One argument of `self.next`, for messages and fixes. */
export type NextArgument = { keyword?: string; keywordRange?: TextRange; text: string; type: string; range: TextRange };

export type Transition =
  | { kind: "linear" }
  | { kind: "split" }
  | { kind: "foreach"; parameter: PythonValue }
  | { kind: "parallel"; parameter: PythonValue }
  | { kind: "switch"; condition: string; cases: readonly (readonly [PythonValue, string])[] }
  /** Metaflow refuses it; `isForeach` where it still counts as a foreach. */
  | { kind: "invalid"; isForeach: boolean; isParallel: boolean };
