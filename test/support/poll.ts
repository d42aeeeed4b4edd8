import { setTimeout as delay } from "node:timers/promises";

type Nothing = undefined | null | false;

/**
 * Asks until the answer is neither undefined, null nor false, and gives it. Refuses after the time limit with a
 * sentence that names what was waited for.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | Nothing> | T | Nothing,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.`);
    }
    await delay(50);
  }
}
