import assert from "node:assert/strict";
import { test } from "node:test";
import { namedPhase } from "../../../src/core/workflow/namedPhase.ts";
import { beginWorkflow } from "../../../src/core/workflow/transition.ts";
import { ADA, AT, shippedWorkflow } from "../../support/workflows.ts";

const event = { kind: "started" as const, id: "w-1", definition: shippedWorkflow("ml-development"), task: "digits" };
const { state = assert.fail() } = beginWorkflow({ event, by: ADA, at: AT });

function check(text: string, number: number | undefined): void {
  const found = namedPhase(state, text);
  assert.equal(found === undefined ? undefined : found + 1, number, text);
}

test("a phase is named by its number, by its title, by words that no other title has, or as the start", () => {
  check("5", 5);
  check("to phase 5.", 5);
  check("Risk Assessment", 3);
  check("to the risk phase", 3);
  check("please go back to the data architecture", 2);
  check("phase 3, risk assessment", 3);
  check("training pipeline", 5);
  check("to the start", 1);
});

test("a text that names no phase, or more than one, or says more, is not guessed at", () => {
  for (const text of [
    "",
    "zero",
    "0",
    "-1",
    "13",
    "don't",
    "fix that first",
    "add 3 features to phase 5",
    "3 or 5",
    "training",
    "phase 3 evaluation strategy",
    "not the risk phase",
  ]) {
    check(text, undefined);
  }
});
