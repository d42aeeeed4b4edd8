import type { TestContext } from "node:test";
import { watchCheckpoints } from "../../src/node/checkpoints/watchCheckpoints.ts";
import type { CheckpointEvent, WatchOptions } from "../../src/node/checkpoints/watchOptions.ts";

/** Only a lost event takes this long. */
export const GIVE_UP_MS = 30_000;

type Match = (event: CheckpointEvent) => boolean;

/** A watch whose events can be waited for; what was seen before counts too. */
export class Observer {
  readonly events: CheckpointEvent[] = [];
  readonly #waiting: { match: Match; resolve: (event: CheckpointEvent) => void }[] = [];

  readonly listen = (event: CheckpointEvent): void => {
    this.events.push(event);
    for (const waiting of this.#waiting.filter(({ match }) => match(event))) {
      waiting.resolve(event);
    }
  };

  async until(match: Match): Promise<CheckpointEvent> {
    return this.events.find(match) ?? new Promise((resolve) => this.#waiting.push({ match, resolve }));
  }

  /** Waits for the n-th event of a kind about a file, and returns how often each kind was seen for it. */
  async untilNth(kind: CheckpointEvent["kind"], name: string, count: number): Promise<void> {
    await this.until(() => this.countOf(kind, name) >= count);
  }

  countOf(kind: CheckpointEvent["kind"], name: string): number {
    return this.events.filter((event) => event.kind === kind && "path" in event && event.path.endsWith(name)).length;
  }

  /** What was announced of a file; how often it was seen to grow depends on the machine. */
  kindsFor(name: string): string[] {
    const own = this.events.filter((event) => "path" in event && event.path.endsWith(name));
    return own.map(({ kind }) => kind).filter((kind) => kind !== "growing");
  }
}

export function watchFolder(context: TestContext, folder: string, options: WatchOptions = {}): Observer {
  const observer = new Observer();
  const watcher = watchCheckpoints(folder, observer.listen, { settleMs: 20, pollMs: 50, ...options });
  context.after(() => watcher[Symbol.dispose]());
  return observer;
}

export function isListed(event: CheckpointEvent): boolean {
  return event.kind === "listed";
}
