import { randomUUID } from "node:crypto";
import { differingNames } from "../../core/workflow/testPermission.ts";
import { coveredDocuments, type WorkflowState } from "../../core/workflow/workflowState.ts";

/** Documents for an approval, test files and the code around them for a run, each with the hash of what it held. */
type Shown = { id: string; phase: number; hashes: Record<string, string> };

/** More gates than anybody has open in one window; the oldest buttons ask again. */
const MAX_TICKETS = 200;

/**
 * What was shown above a button that approves, or that lets tests run. The button carries a ticket that nothing but this
 * window knows, so that a press counts for exactly what was shown; a call without one (the palette, a view, a model that runs
 * commands) has to be confirmed in a dialog.
 */
const tickets = new Map<string, Shown>();

export function issueTicket(
  state: WorkflowState,
  phase: number,
  hashes: Record<string, string> = coveredDocuments(state, phase),
): string {
  const ticket = randomUUID();
  tickets.set(ticket, { id: state.id, phase, hashes });
  const [oldest] = tickets.keys();
  if (tickets.size > MAX_TICKETS && oldest !== undefined) {
    tickets.delete(oldest);
  }
  return ticket;
}

/** What a ticket stands for, once. */
export function takeTicket(ticket: string | undefined, id: string): Shown | undefined {
  const shown = ticket === undefined ? undefined : tickets.get(ticket);
  if (ticket === undefined || shown?.id !== id) {
    return undefined;
  }
  tickets.delete(ticket);
  return shown;
}

type Texts = Readonly<Record<string, string>>;

/**
 * What a gate was last shown with in this window. A ticket is gone after one press; this says what has changed since.
 * `earlier`: the texts from before of those documents that had changed when a change was last shown.
 */
type LastShown = { hashes: Shown["hashes"]; texts: Texts; earlier: Texts };

const lastShown = new Map<string, LastShown>();

const gateName = ({ id }: WorkflowState, phase: number) => `${id} ${phase}`;

export function rememberShown(state: WorkflowState, phase: number, texts: Texts): void {
  const earlier = changedSinceShown(state, phase).flatMap(({ document, shown }) =>
    shown === undefined ? [] : [[document, shown] as const],
  );
  lastShown.set(gateName(state, phase), {
    hashes: coveredDocuments(state, phase),
    texts,
    // A button that compares stays in the chat when the gate is shown once more.
    earlier: earlier.length === 0 ? shownBefore(state, phase) : Object.fromEntries(earlier),
  });
}

/** What the documents of a gate held before the change of them that was last shown. */
export function shownBefore(state: WorkflowState, phase: number): Texts {
  return lastShown.get(gateName(state, phase))?.earlier ?? {};
}

/** A document of a gate that is not what this window last showed; `shown`: its text then, where there was one. */
export type ChangedSince = { document: string; shown?: string };

/** The documents of a gate that are not what this window last showed; none where it has shown none. */
export function changedSinceShown(state: WorkflowState, phase: number): ChangedSince[] {
  const now = coveredDocuments(state, phase);
  const { hashes, texts = {} } = lastShown.get(gateName(state, phase)) ?? { hashes: now };
  return differingNames(hashes, now).map((document) => ({
    document,
    ...(texts[document] === undefined ? {} : { shown: texts[document] }),
  }));
}
