import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { parseJson } from "../base/parseJson.ts";
import { measurementSchema, proofSchema } from "./proof.ts";
import { taskOutputSchema } from "./taskOutput.ts";
import { beginWorkflow, transition } from "./transition.ts";
import { workflowSchema } from "./workflowDefinition.ts";
import type { StampedEvent } from "./workflowEvent.ts";
import type { WorkflowState } from "./workflowState.ts";

/*
 * journal.jsonl: one JSON object a line,
 *
 *   { "line": 1, "at": "2026-…Z", "by": { kind, name }, "event": { kind, … }, "previous": "", "hash": …, "seal": { key, mac } }
 *
 * `hash` is over the line without its last two fields, `previous` is the hash of the line above: a line that is changed,
 * removed or put in breaks the chain. `seal` is over the hash with a key that lies outside of the workspace, so that a line
 * which anything but Trainyard of this user wrote is known for what it is.
 */

export type Seal = { key: string; mac: string };

/** Contract: `verify` says "foreign" for the key of another machine, "forged" for a wrong mac of the own one. */
export interface Sealer {
  hash(text: string): string;
  seal(hash: string): Seal;
  verify(hash: string, seal: Seal): "own" | "foreign" | "forged";
}

const actorSchema = z.strictObject({ kind: z.enum(["person", "agent", "engine"]), name: z.string().max(200) });
const texts = z.record(z.string().max(1_000), z.string().max(10_000));
const name = z.string().max(1_000);
const tokens = z.number().int().nonnegative();
const turn = z.strictObject({ phase: z.number().int(), round: z.number().int() });
const capsuleSchema = z.strictObject({
  slug: name,
  goal: z.string(),
  constraints: z.array(z.string()),
  nonGoals: z.array(z.string()),
  // Journals of earlier versions have none of these.
  successCriteria: z.array(z.string()).default([]),
  decisions: z.array(z.strictObject({ question: z.string(), answer: z.string() })).default([]),
  openQuestions: z.array(z.string()).default([]),
  keyFiles: z.array(z.strictObject({ path: z.string(), reason: z.string(), isMissing: z.boolean().default(false) })),
  risks: z.array(
    z.strictObject({ severity: z.enum(["high", "medium", "low"]), description: z.string(), mitigation: z.string() }),
  ),
});

const eventSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("started"),
    id: name,
    definition: workflowSchema,
    task: z.string(),
    capsule: capsuleSchema.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("answered"), answers: texts, configuration: texts }),
  z.strictObject({ kind: z.literal("task-started"), task: name }),
  z.strictObject({
    kind: z.literal("task-finished"),
    task: name,
    hash: name,
    output: taskOutputSchema,
    tokens: tokens.exactOptional(),
    turn: turn.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("task-failed"),
    task: name,
    reason: z.string(),
    tokens: tokens.exactOptional(),
    turn: turn.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("task-retried"), task: name }),
  z.strictObject({
    kind: z.literal("proof-measured"),
    task: name,
    check: name,
    round: z.number().int().positive().exactOptional(),
    proof: proofSchema.exactOptional(),
    measurement: measurementSchema,
  }),
  z.strictObject({ kind: z.literal("proofs-reopened"), phase: z.number() }),
  z.strictObject({ kind: z.literal("task-reopened"), task: name, turn: turn.exactOptional() }),
  z.strictObject({
    kind: z.literal("tests-allowed"),
    phase: z.number(),
    files: texts.exactOptional(),
    code: texts.exactOptional(),
  }),
  z.strictObject({ kind: z.literal("tests-changed"), files: z.array(name), code: z.array(name).exactOptional() }),
  z.strictObject({ kind: z.literal("tests-ended"), phase: z.number() }),
  z.strictObject({ kind: z.literal("document-written"), phase: z.number(), hash: name }),
  z.strictObject({ kind: z.literal("document-edited"), document: name, hash: name }),
  z.strictObject({ kind: z.literal("approved"), phase: z.number(), hashes: texts, choice: name.exactOptional() }),
  z.strictObject({ kind: z.literal("revised"), note: z.string(), turn: turn.exactOptional() }),
  z.strictObject({ kind: z.literal("skipped"), reason: z.string(), turn: turn.exactOptional() }),
  z.strictObject({ kind: z.literal("went-back"), phase: z.number() }),
  z.strictObject({ kind: z.literal("file-written"), agent: name, path: name, hash: name }),
  z.strictObject({
    kind: z.literal("criterion-marked"),
    criterion: name,
    mark: z.strictObject({ status: z.enum(["met", "unmet", "in-production"]), evidence: z.string() }),
  }),
  z.strictObject({ kind: z.literal("stopped") }),
  z.strictObject({ kind: z.literal("resumed") }),
  z.strictObject({ kind: z.literal("rewound"), reason: z.string() }),
  z.strictObject({ kind: z.literal("confirmed") }),
  z.strictObject({ kind: z.literal("refused"), attempt: z.string(), reason: z.string() }),
]);

/** Who and what stay as they are written here, since the hash is over these and not over what they are read as. */
const lineSchema = z.strictObject({
  line: z.number().int(),
  at: z.iso.datetime(),
  by: z.unknown(),
  event: z.unknown(),
  previous: z.string(),
  hash: z.string(),
  seal: z.strictObject({ key: z.string(), mac: z.string() }),
});

const stampSchema = z.object({ event: eventSchema, by: actorSchema, at: z.iso.datetime() });

/** Where the next line goes on. */
export type JournalEnd = { lines: number; hash: string };

export type JournalReading = {
  /** Absent when not even the first line holds. */
  state?: WorkflowState;
  /** What happened, as far as the lines hold. */
  events: readonly StampedEvent[];
  end: JournalEnd;
  /** The part of the text that holds, in characters. */
  heldLength: number;
  /** Whether the line that is known to have been the last one is still there. */
  holdsKnown: boolean;
  /** Why the text behind that does not hold; a line that is only cut off is left without a word. */
  rejection?: string;
  /** The line behind that was sealed in its place, and says something that this version does not know. */
  isOfNewerVersion?: true;
};

/** The event as its line will be read. Throws a UserError for one that no line can hold. */
export function readableEvent(stamped: StampedEvent): StampedEvent {
  const { data, error } = stampSchema.safeParse(stamped);
  if (data === undefined) {
    const [issue] = error.issues;
    throw new UserError(
      `"${stamped.event.kind}" cannot be written into the journal of the workflow: ${issue?.path.join(".")}: ${issue?.message}. Shorten it.`,
    );
  }
  return data;
}

/** The next line of a journal, with its line feed. */
export function renderLine(stamped: StampedEvent, end: JournalEnd, sealer: Sealer): { text: string; end: JournalEnd } {
  const body = bodyOf({ line: end.lines + 1, ...stamped, previous: end.hash });
  const hash = sealer.hash(JSON.stringify(body));
  const text = `${JSON.stringify({ ...body, hash, seal: sealer.seal(hash) })}\n`;
  return { text, end: { lines: end.lines + 1, hash } };
}

/** The fields of a line in the order in which they are hashed. */
function bodyOf({ line, at, by, event, previous }: Record<"line" | "at" | "by" | "event" | "previous", unknown>) {
  return { line, at, by, event, previous };
}

type Progress = {
  state: WorkflowState | undefined;
  end: JournalEnd;
  /** Of the line that was read last. */
  key?: string;
  isForeign: boolean;
};

type Rejection = { rejection: string; isOfNewerVersion?: true };

const NOTHING_KNOWN: JournalEnd = { lines: 0, hash: "" };

/** Rebuilds the state from its journal, as far as the lines hold. `known`: where the journal ended when it was last written here. */
export function readJournal(text: string, sealer: Sealer, known: JournalEnd = NOTHING_KNOWN): JournalReading {
  let progress: Progress = { state: undefined, end: { lines: 0, hash: "" }, isForeign: false };
  const events: StampedEvent[] = [];
  let heldLength = 0;
  let rejected: Rejection | undefined;
  let holdsKnown = known.lines === 0;
  for (let next = endOfLine(text, 0); next !== undefined; next = endOfLine(text, heldLength)) {
    const outcome = readLine(text.slice(heldLength, next), progress, sealer);
    if ("rejection" in outcome) {
      if (next === text.length && outcome.isOfNewerVersion !== true) {
        // A line that is only cut off is no attack; whoever knows that it was whole says so.
        break;
      }
      const rejection = `Line ${progress.end.lines + 1} of the journal is not accepted: ${outcome.rejection}`;
      rejected = { ...outcome, rejection };
      break;
    }
    progress = outcome.progress;
    holdsKnown ||= progress.end.lines === known.lines && progress.end.hash === known.hash;
    events.push(outcome.stamped);
    heldLength = Math.min(next + 1, text.length);
  }
  const { state, end, isForeign } = progress;
  return {
    ...(state === undefined ? {} : { state: isForeign ? { ...state, isForeign: true } : state }),
    events,
    end,
    heldLength,
    holdsKnown,
    ...rejected,
  };
}

/** What tells a journal from all others, wherever it lies: the hash of its first line. Undefined where that cannot be read. */
export function firstHashOf(text: string): string | undefined {
  return lineSchema.safeParse(parseJson(text.slice(0, endOfLine(text, 0)))).data?.hash;
}

/** The last line may lack its line feed, which editors strip and a crash leaves out; undefined behind it. */
function endOfLine(text: string, from: number): number | undefined {
  const feed = text.indexOf("\n", from);
  return feed !== -1 ? feed : from < text.length ? text.length : undefined;
}

function readLine(
  text: string,
  { state, end, key }: Progress,
  sealer: Sealer,
): { progress: Progress; stamped: StampedEvent } | Rejection {
  const { data: written } = lineSchema.safeParse(parseJson(text));
  if (written === undefined) {
    return { rejection: "it is no line that Trainyard writes." };
  }
  const { hash, seal, line, previous } = written;
  if (line !== end.lines + 1 || previous !== end.hash || sealer.hash(JSON.stringify(bodyOf(written))) !== hash) {
    return { rejection: "it does not continue the line above." };
  }
  const origin = sealer.verify(hash, seal);
  if (origin === "forged") {
    return { rejection: "Trainyard did not write it, so what it says does not count." };
  }
  const { data: stamped } = stampSchema.safeParse(written);
  if (stamped === undefined) {
    return { rejection: "a newer version of Trainyard has written it. Update Trainyard.", isOfNewerVersion: true };
  }
  // Whoever wrote with another key than the line above had to confirm what stands there, whoever reads it now.
  const before = state !== undefined && key !== undefined && key !== seal.key ? { ...state, isForeign: true } : state;
  const { state: after, refusal } = before === undefined ? beginWorkflow(stamped) : transition(before, stamped);
  if (refusal !== undefined || after === undefined) {
    return { rejection: refusal ?? "it begins no workflow." };
  }
  const progress = { state: after, end: { lines: line, hash }, key: seal.key, isForeign: origin === "foreign" };
  return { progress, stamped };
}
