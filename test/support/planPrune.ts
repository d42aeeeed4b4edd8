import { type PrunePlan, planSteps } from "../../src/core/checkpoints/planPrune.ts";

/** All steps of a plan at once. */
export function planPrune(...asked: Parameters<typeof planSteps>): PrunePlan {
  const steps = planSteps(...asked);
  let step = steps.next();
  while (step.done !== true) {
    step = steps.next();
  }
  return step.value;
}
