/** What holds a rule besides the words in the prompt: code that refuses or asks, or a mark in the editor. */
export type BoundaryCheck = {
  holder: "code" | "diagnostic";
  /**
   * What happens where the rule would be broken. `asks`: a person is asked, and where a rule that says never names the
   * check, it refuses as well. `confirms`: a person is asked, whatever the rules say.
   */
  effect: "refuses" | "asks" | "confirms" | "marks" | "keeps";
  /** Where, and what it does, for people: the end of "held by". */
  how: string;
};

/** The checks that a rule of an agent file can name. Each stands in code. */
export const BOUNDARY_CHECKS = {
  "checkpoint-version": {
    holder: "code",
    effect: "refuses",
    how: "the launch tool refuses a script that saves over a checkpoint which exists",
  },
  "held-out-data": {
    holder: "code",
    effect: "refuses",
    how: "the launch tool refuses a script that trains and holds nothing out",
  },
  "test-data": {
    holder: "code",
    effect: "refuses",
    how: "the launch tool refuses a script whose training step is given the test set",
  },
  "scaffold-held-out": {
    holder: "code",
    effect: "refuses",
    how: "a scaffold that trains without held-out data is not written",
  },
  "flow-secrets": {
    holder: "code",
    effect: "refuses",
    how: "the launch tool and /deploy refuse a flow with a secret; the editor marks it",
  },
  "flow-paths": {
    holder: "code",
    effect: "refuses",
    how: "the launch tool and /deploy refuse a flow with a path of one machine; the editor marks it",
  },
  "local-run-first": {
    holder: "code",
    effect: "refuses",
    how: "/deploy shows no deploying command before a run came to its end",
  },
  "launch-consent": {
    holder: "code",
    effect: "confirms",
    how: "the launch tool and the stop tool ask with the exact command",
  },
  "mixed-precision": {
    holder: "code",
    effect: "asks",
    how: "the question before a launch names the rule, where an argument of the launch shows it",
  },
  "learning-rate-schedule": {
    holder: "code",
    effect: "asks",
    how: "the question before a launch names the rule, where an argument of the launch shows it",
  },
  augmentation: {
    holder: "code",
    effect: "asks",
    how: "the question before a launch names the rule, where an argument of the launch shows it",
  },
  architecture: {
    holder: "code",
    effect: "asks",
    how: "the question before a launch names the rule, where an argument of the launch shows it",
  },
  foreach: { holder: "code", effect: "asks", how: "the question before a launch names the rule" },
  "remote-compute": {
    holder: "code",
    effect: "asks",
    how: "the question before a launch names the rule, for `--with` and for decorators of the flow",
  },
  "memory-secrets": { holder: "code", effect: "refuses", how: "a note with a secret is not kept" },
  "parameter-validation": {
    holder: "diagnostic",
    effect: "marks",
    how: "`unvalidated-parameter` in the editor and `trainyard check`",
  },
  "mutable-defaults": {
    holder: "diagnostic",
    effect: "marks",
    how: "`mutable-default` in the editor and `trainyard check`",
  },
  "failed-steps": {
    holder: "diagnostic",
    effect: "marks",
    how: "`catch-skips-artifact` in the editor and `trainyard check`",
  },
  "run-receipt": {
    holder: "code",
    effect: "keeps",
    how: "every run that is started here keeps its arguments, code, packages and log; `/receipt` shows them",
  },
  "workflow-gates": {
    holder: "code",
    effect: "refuses",
    how: "a guided workflow takes no step before its gate was approved by a person",
  },
  seeds: { holder: "diagnostic", effect: "marks", how: "`unseeded-training` in the editor and `trainyard check --ml`" },
  "configuration-defaults": {
    holder: "diagnostic",
    effect: "marks",
    how: "`mutable-default` in the editor and `trainyard check --ml`",
  },
  "change-secrets": {
    holder: "diagnostic",
    effect: "marks",
    how: "`added-secret` in Check Changes, which agents call after an edit",
  },
  "change-dependencies": {
    holder: "diagnostic",
    effect: "marks",
    how: "`new-dependency` in Check Changes, which sees packages and no services",
  },
  "change-exceptions": { holder: "diagnostic", effect: "marks", how: "`swallowed-exception` in Check Changes" },
  "change-types": { holder: "diagnostic", effect: "marks", how: "`untyped-parameter` in Check Changes" },
  "step-docstrings": { holder: "diagnostic", effect: "marks", how: "`step-docstring` in Check Changes" },
} as const satisfies Readonly<Record<string, BoundaryCheck>>;

export type BoundaryCheckName = keyof typeof BOUNDARY_CHECKS;

export function isBoundaryCheck(name: string): name is BoundaryCheckName {
  return Object.hasOwn(BOUNDARY_CHECKS, name);
}
