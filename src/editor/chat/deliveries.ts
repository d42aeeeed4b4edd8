import { advanceDelivery, type DeliveryEvent, type DeliveryState } from "../../core/chat/handoffDelivery.ts";

export type DeliveryEffects = {
  canOpenLocalSession: boolean;
  /** Opens a Local session and sends the prompt again. */
  resend(): Promise<void>;
  /** Tells the person that the agent cannot be reached here. */
  tellUnreachable(): Promise<void>;
};

/** Runs something after a while; the result cancels it. */
export type Timer = (delayMs: number, run: () => void) => () => void;

/** A participant answers within a fraction of a second; the rest is for a busy window. */
const SILENCE_MS = 6_000;

/** The handoffs that were sent by themselves in this window, and whether their target was reached. */
export class Deliveries {
  readonly #states = new Map<string, { state: DeliveryState; effects: DeliveryEffects; cancelTimer: () => void }>();
  readonly #timer: Timer;

  constructor(timer: Timer = systemTimer) {
    this.#timer = timer;
  }

  /** Waits for the arrival of a prompt that has just been sent. The effects report their own errors. */
  watch(packetId: string, effects: DeliveryEffects): void {
    this.#states.set(packetId, { state: "sent", effects, cancelTimer: this.#startTimer(packetId) });
  }

  /** A participant was reached with this handoff. `skip`: it answered the same prompt a moment ago. */
  arrive(packetId: string): "answer" | "skip" {
    return this.#advance(packetId, "arrived") === "skip-duplicate" ? "skip" : "answer";
  }

  dispose(): void {
    for (const { cancelTimer } of this.#states.values()) {
      cancelTimer();
    }
    this.#states.clear();
  }

  #advance(packetId: string, event: DeliveryEvent) {
    const delivery = this.#states.get(packetId);
    if (delivery === undefined) {
      return "none";
    }
    const { state, action } = advanceDelivery(delivery.state, event, delivery.effects.canOpenLocalSession);
    delivery.cancelTimer();
    delivery.state = state;
    if (action === "resend-in-local-session") {
      delivery.cancelTimer = this.#startTimer(packetId);
      void delivery.effects.resend();
    } else if (action === "tell-unreachable") {
      void delivery.effects.tellUnreachable();
    }
    return action;
  }

  #startTimer(packetId: string): () => void {
    return this.#timer(SILENCE_MS, () => this.#advance(packetId, "silence"));
  }
}

function systemTimer(delayMs: number, run: () => void): () => void {
  const timeout = setTimeout(run, delayMs);
  return () => clearTimeout(timeout);
}
