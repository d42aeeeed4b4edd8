import { formatLocalMoment } from "../base/localTime.ts";
import { oneLine } from "../base/markdown.ts";
import type { StampedEvent, WorkflowEvent } from "./workflowEvent.ts";

/** A gate names every document with its hash. */
const MAX_CHARACTERS = 3_000;

/** What happened, a line each, in plain text: when, who, what. */
export function renderJournal(events: readonly StampedEvent[]): string[] {
  return events.map(
    // Whatever an agent has named is part of one line, and begins none that somebody else seems to have written.
    ({ event, by, at }) =>
      `${formatLocalMoment(at)}  ${by.kind} ${oneLine(by.name, 60)}: ${oneLine(describeEvent(event), MAX_CHARACTERS)}`,
  );
}

function describeEvent(event: WorkflowEvent): string {
  switch (event.kind) {
    case "started":
      return `started ${event.definition.name}: ${oneLine(event.task, 200)}`;
    case "answered":
      return `answered ${[...Object.keys(event.answers), ...Object.keys(event.configuration)].join(", ")}`;
    case "task-started":
    case "task-retried":
      return `${event.kind === "task-started" ? "began" : "tries again"} ${event.task}`;
    case "task-finished":
      return `finished ${event.task} (${event.hash.slice(0, 8)}${spent(event.tokens)})`;
    case "task-failed":
      return `failed ${event.task}${spent(event.tokens)}: ${oneLine(event.reason, 300)}`;
    case "proof-measured":
      return `measured "${event.check}" of ${event.task}: ${event.measurement.status}, ${oneLine(event.measurement.evidence, 300)}`;
    case "proofs-reopened":
      return `had the checks of phase ${event.phase + 1} that failed measured again`;
    case "task-reopened":
      return `does ${event.task} over by hand`;
    case "tests-allowed":
      return `let the tests of phase ${event.phase + 1} run: ${listTests(event.files ?? {})}`;
    case "tests-changed":
      return `saw changes of tests that may run: ${[...event.files, ...(event.code ?? []).map((folder) => `code in ${folder}`)].join(", ")}`;
    case "tests-ended":
      return `ended the tests of phase ${event.phase + 1} before they had, as the person asked`;
    case "document-written":
      return `wrote the document of phase ${event.phase + 1} (${event.hash.slice(0, 8)})`;
    case "document-edited":
      return `saw a change of ${event.document} (${event.hash.slice(0, 8)})`;
    case "approved":
      return `approved phase ${event.phase + 1}${event.choice === undefined ? "" : `, ${event.choice}`} (${Object.values(
        event.hashes,
      )
        .map((hash) => hash.slice(0, 8))
        .join(", ")})`;
    case "revised":
      return `asked for a revision: ${oneLine(event.note, 300)}`;
    case "skipped":
      return event.reason.trim() === "" ? "skipped the phase" : `skipped the phase: ${oneLine(event.reason, 300)}`;
    case "went-back":
      return `went back to phase ${event.phase + 1}`;
    case "file-written":
      return `wrote ${event.path} as ${event.agent} (${event.hash.slice(0, 8)})`;
    case "criterion-marked":
      return `marked ${event.criterion} as ${event.mark.status}: ${oneLine(event.mark.evidence, 300)}`;
    case "rewound":
      return oneLine(event.reason, 300);
    case "stopped":
    case "resumed":
    case "confirmed":
      return event.kind;
    case "refused":
      break;
  }
  return `refused: ${oneLine(event.attempt, 200)}. ${oneLine(event.reason, 300)}`;
}

function listTests(files: Readonly<Record<string, string>>): string {
  const listed = Object.entries(files).map(([file, hash]) => `${file} (${hash.slice(0, 8)})`);
  return listed.length === 0 ? "none by its name" : listed.join(", ");
}

function spent(tokens: number | undefined): string {
  return tokens === undefined ? "" : `, about ${tokens} tokens`;
}
