/**
 * Milliseconds for measuring how long something takes. The time of day jumps when a machine sets its clock, and a training
 * must neither lose the time to save its checkpoint by that nor go unwatched for an hour.
 */
export function monotonicMs(): number {
  return performance.now();
}

/** Looks come several times a second; where half a minute is missing, the machine slept. */
const SLEEP_MS = 30_000;

/**
 * Milliseconds that leave out what the machine slept through, which not every system does by itself: neither a training nor its
 * pace went on meanwhile. Has to be looked at several times a second.
 */
export class AwakeClock {
  #sleptMs = 0;
  #lookedAtMs: number | undefined;

  nowMs(): number {
    const atMs = monotonicMs();
    const missingMs = this.#lookedAtMs === undefined ? 0 : atMs - this.#lookedAtMs;
    this.#sleptMs += missingMs > SLEEP_MS ? missingMs : 0;
    this.#lookedAtMs = atMs;
    return atMs - this.#sleptMs;
  }
}
