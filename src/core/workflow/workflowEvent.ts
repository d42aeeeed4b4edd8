import type { Capsule } from "./capsule.ts";
import type { Measurement, Proof } from "./proof.ts";
import type { TaskOutput } from "./taskOutput.ts";
import type { Turn } from "./turn.ts";
import type { WorkflowDefinition } from "./workflowDefinition.ts";
import type { CriterionMark } from "./workflowState.ts";

/** Everything that can happen to a workflow. The journal is a list of these. `turn` is absent in older journals. */
export type WorkflowEvent =
  | { kind: "started"; id: string; definition: WorkflowDefinition; task: string; capsule?: Capsule }
  | { kind: "answered"; answers: Record<string, string>; configuration: Record<string, string> }
  | { kind: "task-started"; task: string }
  /** `tokens`: about how many a language model took for it; absent where none was at work. */
  | { kind: "task-finished"; task: string; hash: string; output: TaskOutput; tokens?: number; turn?: Turn }
  | { kind: "task-failed"; task: string; reason: string; tokens?: number; turn?: Turn }
  | { kind: "task-retried"; task: string }
  /** Trainyard has looked for itself at what a check was said to rest on. Older journals name neither round nor proof. */
  | { kind: "proof-measured"; task: string; check: string; round?: number; proof?: Proof; measurement: Measurement }
  /** The person lets checks be measured again that failed, since what they need is there now. */
  | { kind: "proofs-reopened"; phase: number }
  /** The person does a task over by hand, whose checks wait to be measured. */
  | { kind: "task-reopened"; task: string; turn?: Turn }
  /** These test files may be run as long as their hashes and those of the code around them hold. Older journals lack either, and allow nothing. */
  | { kind: "tests-allowed"; phase: number; files?: Record<string, string>; code?: Record<string, string> }
  /** Files that may be run, or folders of the code around them, are not any more what the person let run. */
  | { kind: "tests-changed"; files: string[]; code?: string[] }
  /** The person ended tests while they ran: they run again only when the person lets them. */
  | { kind: "tests-ended"; phase: number }
  | { kind: "document-written"; phase: number; hash: string }
  | { kind: "document-edited"; document: string; hash: string }
  | { kind: "approved"; phase: number; hashes: Record<string, string>; choice?: string }
  | { kind: "revised"; note: string; turn?: Turn }
  | { kind: "skipped"; reason: string; turn?: Turn }
  | { kind: "went-back"; phase: number }
  | { kind: "file-written"; agent: string; path: string; hash: string }
  | { kind: "criterion-marked"; criterion: string; mark: CriterionMark }
  | { kind: "stopped" }
  | { kind: "resumed" }
  /** The journal does not hold what it is known to have held: its end was cut off, or an older one was put back. */
  | { kind: "rewound"; reason: string }
  /** The person has looked at what came from another machine, or from an earlier time. */
  | { kind: "confirmed" }
  /** Something was tried and not done. Changes nothing but the count. */
  | { kind: "refused"; attempt: string; reason: string };

export type Actor = { kind: "person" | "agent" | "engine"; name: string };

/** An event with who and when. */
export type StampedEvent = { event: WorkflowEvent; by: Actor; at: string };
