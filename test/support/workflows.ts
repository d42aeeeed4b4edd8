import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { gateChoices } from "../../src/core/workflow/checkAnswers.ts";
import type { Sealer } from "../../src/core/workflow/journal.ts";
import { parseWorkflow } from "../../src/core/workflow/parseWorkflow.ts";
import type { Proof, ProofKind } from "../../src/core/workflow/proof.ts";
import type { Finding, TaskOutput } from "../../src/core/workflow/taskOutput.ts";
import { testFilesOf } from "../../src/core/workflow/testPermission.ts";
import { beginWorkflow } from "../../src/core/workflow/transition.ts";
import type { TaskDefinition, WorkflowDefinition } from "../../src/core/workflow/workflowDefinition.ts";
import { pendingEffects } from "../../src/core/workflow/workflowEffects.ts";
import type { Actor, StampedEvent, WorkflowEvent } from "../../src/core/workflow/workflowEvent.ts";
import { coveredDocuments, phaseAt, type WorkflowState } from "../../src/core/workflow/workflowState.ts";

export const AT = "2026-11-21T10:00:00.000Z";
export const ADA: Actor = { kind: "person", name: "ada" };
export const WRITER: Actor = { kind: "agent", name: "ml-writer" };
export const ENGINE: Actor = { kind: "engine", name: "Trainyard" };

export function workflowText(name: string): string {
  return readFileSync(new URL(`../../workflows/${name}.workflow.yaml`, import.meta.url), "utf8");
}

export function shippedWorkflow(name: "ml-development" | "mlops-pipeline"): WorkflowDefinition {
  const { definition, problems } = parseWorkflow(workflowText(name));
  if (definition === undefined) {
    throw new Error(JSON.stringify(problems));
  }
  return definition;
}

export function stamp(event: WorkflowEvent, by: Actor = ADA): StampedEvent {
  return { event, by, at: AT };
}

export function beginState(definition: WorkflowDefinition): WorkflowState {
  const { state } = beginWorkflow(stamp({ kind: "started", id: "w-1", definition, task: "classify digits" }));
  if (state === undefined) {
    throw new Error("The workflow did not begin.");
  }
  return state;
}

/** What lies in the folder of a test's workflow. */
export const BENCH_FILES = ["test_model.py", "metrics.json", "baseline.json", "README.md", "config.yaml"];

/** An output of the asked form. Checks pass unless told. */
export function outputFor(task: TaskDefinition, status: "passed" | "failed" = "passed"): TaskOutput {
  const { kind, sections } = task.output;
  switch (kind) {
    case "notes":
      return {
        kind,
        summary: "Done.",
        sections: sections.map((heading) => ({ heading, text: "Known." })),
        keyFiles: task.output.keyFiles === undefined ? [] : BENCH_FILES.map((path) => ({ path, reason: "r" })),
      };
    case "risks":
      return {
        kind,
        risks: sections.map((category) => ({
          category,
          severity: "low",
          description: "d",
          mitigation: "m",
          evidence: "",
        })),
      };
    case "approach":
      return {
        kind,
        name: task.title,
        architecture: "a",
        inputsAndOutputs: "i",
        training: "t",
        inference: "n",
        resources: "r",
        ratings: { performance: 3, simplicity: 3, thrift: 3 },
        tradeOffs: "o",
      };
    case "findings":
      return { kind, findings: [foundWith("high"), foundWith("low")], checked: "all" };
    case "checks":
      return {
        kind,
        checks: sections.map((name) => {
          const proof = proofFor(task.output.proofs?.[name]);
          return { name, status, evidence: "ran", ...(status === "passed" && proof !== undefined ? { proof } : {}) };
        }),
      };
    case "files":
      break;
  }
  return { kind, summary: "Written.", files: [], open: [] };
}

/** A finding that is reported, unless its reviewer is less sure. */
export function foundWith(severity: Finding["severity"], confidence = 90): Finding {
  return { title: `A ${severity} one`, severity, confidence, evidence: "", detail: "d", fix: "f" };
}

function proofFor(kind: ProofKind | undefined): Proof | undefined {
  switch (kind) {
    case "tests":
      return { kind, files: ["test_model.py"] };
    case "metric":
      return {
        kind,
        file: "metrics.json",
        metric: "accuracy",
        baseline: { file: "baseline.json", metric: "accuracy" },
      };
    case undefined:
      break;
  }
  return undefined;
}

/** What a willing person, willing agents and the engine would do next; undefined once all is done. */
export function nextEvent(state: WorkflowState): StampedEvent | undefined {
  const [effect] = pendingEffects(state);
  switch (effect?.kind) {
    case undefined:
      return undefined;
    case "ask-questions": {
      const { definition } = phaseAt(state, effect.phase);
      const answers = Object.fromEntries(definition.questions.map(({ key }) => [key, "known"]));
      const options = definition.asksConfiguration ? state.definition.configuration : [];
      const configuration = Object.fromEntries(options.map((option) => [option.key, option.default]));
      return stamp({ kind: "answered", answers, configuration });
    }
    case "run-tasks": {
      const [task] = effect.tasks;
      if (task === undefined) {
        return undefined;
      }
      const isRunning = phaseAt(state, effect.phase).state.tasks[task.id]?.kind === "running";
      return stamp(
        isRunning
          ? { kind: "task-finished", task: task.id, hash: `hash of ${task.id}`, output: outputFor(task) }
          : { kind: "task-started", task: task.id },
        { kind: "agent", name: task.agent },
      );
    }
    case "ask-about-failures":
      return stamp({ kind: "task-retried", task: effect.tasks[0]?.id ?? "" });
    case "measure": {
      const [open] = effect.proofs;
      const measurement = { status: "passed" as const, evidence: "seen" };
      return open && stamp({ kind: "proof-measured", task: open.task, check: open.check, measurement }, ENGINE);
    }
    case "ask-to-run-tests":
      return stamp({
        kind: "tests-allowed",
        phase: effect.phase,
        files: Object.fromEntries(testFilesOf(effect.proofs).map((file) => [file, `hash of ${file}`])),
        code: {},
      });
    case "write-document":
      return stamp({ kind: "document-written", phase: effect.phase, hash: `hash ${effect.phase}` }, ENGINE);
    case "ask-approval": {
      const choice = gateChoices(phaseAt(state, effect.phase))[0]?.id;
      const hashes = coveredDocuments(state, effect.phase);
      return stamp({ kind: "approved", phase: effect.phase, hashes, ...(choice === undefined ? {} : { choice }) });
    }
    case "ask-confirmation":
      break;
  }
  return stamp({ kind: "confirmed" });
}

/** Seals like the real one, with a secret of the test. */
export function testSealer(secret = "ada's machine"): Sealer {
  const macOf = (text: string) => createHmac("sha256", secret).update(text).digest("hex");
  return {
    hash: sha256,
    seal: (text) => ({ key: secret, mac: macOf(text) }),
    verify: (text, { key, mac }) => (key !== secret ? "foreign" : mac === macOf(text) ? "own" : "forged"),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
