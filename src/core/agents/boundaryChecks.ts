/** What holds a rule besides the words in the prompt: code that refuses or asks, or a mark in the editor. */
export type BoundaryCheck = {
  holder: "code" | "diagnostic";
  /** Where, and what it does, for people: the end of "held by". */
  how: string;
};

/** The checks that a rule of an agent file can name. Each stands in code and has a test of its own. */
export const BOUNDARY_CHECKS = {
  "checkpoint-version": {
    holder: "code",
    how: "the launch tool refuses a script that saves over a checkpoint which exists",
  },
  "held-out-data": { holder: "code", how: "the launch tool refuses a script that trains and holds nothing out" },
  "test-data": { holder: "code", how: "the launch tool refuses a script whose training step is given the test set" },
  "scaffold-held-out": { holder: "code", how: "a scaffold that trains without held-out data is not written" },
  "flow-secrets": {
    holder: "code",
    how: "the launch tool and /deploy refuse a flow with a secret; the editor marks it",
  },
  "flow-paths": {
    holder: "code",
    how: "the launch tool and /deploy refuse a flow with a path of one machine; the editor marks it",
  },
  "local-run-first": { holder: "code", how: "/deploy shows no deploying command before a run came to its end" },
  "launch-consent": { holder: "code", how: "the launch tool and the stop tool ask with the exact command" },
  "mixed-precision": { holder: "code", how: "the question before a launch names the rule" },
  "learning-rate-schedule": { holder: "code", how: "the question before a launch names the rule" },
  augmentation: { holder: "code", how: "the question before a launch names the rule" },
  architecture: { holder: "code", how: "the question before a launch names the rule" },
  foreach: { holder: "code", how: "the question before a launch names the rule" },
  "remote-compute": { holder: "code", how: "the question before a launch names the rule" },
  "memory-secrets": { holder: "code", how: "a note with a secret is not kept" },
  "parameter-validation": { holder: "diagnostic", how: "`unvalidated-parameter` in the editor and `trainyard check`" },
  "mutable-defaults": { holder: "diagnostic", how: "`mutable-default` in the editor and `trainyard check`" },
  "failed-steps": { holder: "diagnostic", how: "`catch-skips-artifact` in the editor and `trainyard check`" },
  "run-receipt": {
    holder: "code",
    how: "every run that is started here keeps its arguments, code, packages and log; `/receipt` shows them",
  },
  "workflow-gates": { holder: "code", how: "a guided workflow takes no step before its gate was approved by a person" },
  seeds: { holder: "diagnostic", how: "`unseeded-training` in the editor and `trainyard check --ml`" },
  "configuration-defaults": { holder: "diagnostic", how: "`mutable-default` in the editor and `trainyard check --ml`" },
  "change-secrets": { holder: "diagnostic", how: "`added-secret` in Check Changes, which agents call after an edit" },
  "change-dependencies": { holder: "diagnostic", how: "`new-dependency` in Check Changes" },
  "change-exceptions": { holder: "diagnostic", how: "`swallowed-exception` in Check Changes" },
  "change-types": { holder: "diagnostic", how: "`untyped-parameter` in Check Changes" },
  "step-docstrings": { holder: "diagnostic", how: "`step-docstring` in Check Changes" },
} as const satisfies Readonly<Record<string, BoundaryCheck>>;

export type BoundaryCheckName = keyof typeof BOUNDARY_CHECKS;

export function isBoundaryCheck(name: string): name is BoundaryCheckName {
  return Object.hasOwn(BOUNDARY_CHECKS, name);
}
