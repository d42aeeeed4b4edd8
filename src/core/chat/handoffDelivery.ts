/*
 * Whether a prompt that was sent to a participant arrived there. Chat sessions with another target than Local have
 * no participants and drop the prompt without a word, and nothing tells which target the focused session has. So the
 * participant itself reports the arrival, and silence means: open a Local session and send once more.
 *
 *   sent ──arrived──▶ arrived
 *    └─silence─▶ resent ──arrived──▶ arrived-after-resend ──arrived──▶ arrived    (the first prompt was only slow)
 *                  └─silence─▶ lost ──arrived──▶ arrived
 */

export type DeliveryState = "sent" | "resent" | "arrived" | "arrived-after-resend" | "lost";

export type DeliveryEvent = "arrived" | "silence";

/** What the caller does next. `skip-duplicate`: the same prompt was answered already, answer only that. */
export type DeliveryAction = "none" | "resend-in-local-session" | "tell-unreachable" | "skip-duplicate";

export type DeliveryStep = { state: DeliveryState; action: DeliveryAction };

const STEPS: Readonly<Record<DeliveryState, Readonly<Record<DeliveryEvent, DeliveryStep>>>> = {
  sent: {
    arrived: { state: "arrived", action: "none" },
    silence: { state: "resent", action: "resend-in-local-session" },
  },
  resent: {
    arrived: { state: "arrived-after-resend", action: "none" },
    silence: { state: "lost", action: "tell-unreachable" },
  },
  "arrived-after-resend": {
    arrived: { state: "arrived", action: "skip-duplicate" },
    silence: { state: "arrived-after-resend", action: "none" },
  },
  lost: {
    arrived: { state: "arrived", action: "none" },
    silence: { state: "lost", action: "none" },
  },
  // A person may repeat a request as often as they like.
  arrived: { arrived: { state: "arrived", action: "none" }, silence: { state: "arrived", action: "none" } },
};

/** `canOpenLocalSession`: whether this VS Code has a command for it; without one there is nothing to resend into. */
export function advanceDelivery(
  state: DeliveryState,
  event: DeliveryEvent,
  canOpenLocalSession: boolean,
): DeliveryStep {
  const step = STEPS[state][event];
  const isHopeless = step.action === "resend-in-local-session" && !canOpenLocalSession;
  return isHopeless ? { state: "lost", action: "tell-unreachable" } : step;
}
