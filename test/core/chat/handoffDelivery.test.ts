import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceDelivery, type DeliveryEvent, type DeliveryState } from "../../../src/core/chat/handoffDelivery.ts";

/** The actions that a sequence of events leads to, from the moment of sending. */
function check(events: DeliveryEvent[], expected: string[], canOpenLocalSession = true): void {
  let state: DeliveryState = "sent";
  const actions = events.map((event) => {
    const step = advanceDelivery(state, event, canOpenLocalSession);
    state = step.state;
    return step.action;
  });
  assert.deepEqual(actions, expected, events.join(" "));
}

test("a prompt that arrives needs nothing more", () => {
  check(["arrived", "arrived", "silence"], ["none", "none", "none"]);
});

test("silence leads to one more try, then to a word to the person, and never further", () => {
  check(["silence", "silence", "silence"], ["resend-in-local-session", "tell-unreachable", "none"]);
  check(["silence", "silence"], ["tell-unreachable", "none"], false);
});

test("of two prompts that both arrive only one is answered", () => {
  check(["silence", "arrived", "arrived", "arrived"], ["resend-in-local-session", "none", "skip-duplicate", "none"]);
  check(["silence", "arrived"], ["tell-unreachable", "none"], false);
});
