import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf, UserError } from "../../core/base/errors.ts";
import {
  firstHashOf,
  type JournalEnd,
  type JournalReading,
  readableEvent,
  readJournal,
  renderLine,
  type Sealer,
} from "../../core/workflow/journal.ts";
import { applyNewEvent } from "../../core/workflow/newEvent.ts";
import { beginWorkflow, transition } from "../../core/workflow/transition.ts";
import { TAMPERING } from "../../core/workflow/trust.ts";
import type { StampedEvent, WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";
import { withFileLock } from "../base/fileLock.ts";
import { openToAppend } from "../base/openFile.ts";
import { orWriteFailure } from "../base/writeNewFile.ts";
import { BrokenJournal, setFolderAside, taskOf } from "./brokenJournal.ts";
import { takeInEdits } from "./editedOutputs.ts";
import type { JournalHeads } from "./journalHeads.ts";
import { hashOfDocument, keepApproved } from "./workflowDocuments.ts";

/** Thousands of events; beyond this it is some other file. */
const MAX_JOURNAL_BYTES = 50_000_000;

/** What an event came to: `refusal` says why it did not count, which the journal then says too. */
export type Applied = { state: WorkflowState; refusal?: string };

/**
 * Does what has to be on disk before an event counts, or says why it does not count. Runs only for an event that is in order,
 * and while no other window can change the workflow, so it takes no longer than writing a few files.
 */
type Prepare = (state: WorkflowState) => Promise<string | undefined>;

export type WorkflowList = {
  /** Newest first. */
  workflows: WorkflowState[];
  unreadable: UnreadableWorkflow[];
};

/** `isBroken`: its journal is gone or holds nothing, so the workflow can be begun anew and in no way go on. */
export type UnreadableWorkflow = { id: string; reason: string; isBroken: boolean };

/**
 * The workflows of one workspace folder, in `.trainyard/workflows/<id>/`. The journal is the only truth: every change reads
 * it anew under a lock, so that two windows see each other's.
 */
export function openWorkflowStore(
  workspaceFolder: string,
  sealer: Sealer,
  heads: JournalHeads,
  onTampering: (state: WorkflowState) => void = () => undefined,
) {
  const root = join(workspaceFolder, ".trainyard", "workflows");
  const folderOf = (id: string) => join(root, requireId(id));
  const keeping: Keeping = { sealer, heads, onTampering };
  return {
    folderOf,

    begin: (started: Started) => beginJournal(folderOf(started.event.id), started, keeping),

    /** Applies an event, or notes in the journal why it does not count. */
    apply: (id: string, stamped: StampedEvent, prepare = prepareFor(folderOf(id), stamped)): Promise<Applied> =>
      changeJournal(folderOf(id), keeping, async ({ state, append }) =>
        append(await appendEdits(folderOf(id), state, { append, at: stamped.at }), stamped, prepare),
      ),

    /** The state as its journal and its documents have it; changed documents are noted. */
    read: (id: string, at: string) => readState(folderOf(id), keeping, at),

    /** Everything that happened, in its order, as far as the journal holds. */
    events: async (id: string) => readJournal(await readText(join(folderOf(id), "journal.jsonl")), sealer).events,

    /** Moves a workflow whose journal is broken to another name, with all it left. Refuses one that can be read. */
    async setAside(id: string): Promise<string> {
      try {
        await readHeldJournal(folderOf(id), keeping);
      } catch (error) {
        if (error instanceof BrokenJournal) {
          return setFolderAside(folderOf(id));
        }
        throw error;
      }
      throw new UserError(`The journal of ${id} can be read, so the workflow goes on where it stands.`);
    },

    /** What a broken workflow was begun for, where its journal still says it. */
    lostTask: async (id: string) => {
      try {
        return taskOf(await readText(join(folderOf(id), "journal.jsonl")));
      } catch (error) {
        if (error instanceof UserError) {
          return undefined;
        }
        throw error;
      }
    },

    async list(at: string): Promise<WorkflowList> {
      const list: WorkflowList = { workflows: [], unreadable: [] };
      for (const id of await folderNames(root)) {
        try {
          list.workflows.push(await readState(folderOf(id), keeping, at));
        } catch (error) {
          // What the file system refuses of one workflow must not hide the others.
          if (!(error instanceof UserError) && errorCode(error) === undefined) {
            throw error;
          }
          list.unreadable.push({ id, reason: messageOf(error), isBroken: error instanceof BrokenJournal });
        }
      }
      list.workflows.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
      return list;
    },
  };
}

export type WorkflowStore = ReturnType<typeof openWorkflowStore>;

/** What makes the lines of a journal count: who sealed them, and that none is missing. */
type Keeping = {
  sealer: Sealer;
  heads: JournalHeads;
  /** Told once for each change from outside, by whoever notes it, with the state after it. */
  onTampering: (state: WorkflowState) => void;
};

type Started = StampedEvent & { event: { kind: "started" } };

/** What is approved is kept as it was. */
function prepareFor(folder: string, { event }: StampedEvent): Prepare | undefined {
  return event.kind === "approved" ? () => keepApproved(folder, event.hashes) : undefined;
}

async function beginJournal(folder: string, given: Started, { sealer, heads }: Keeping): Promise<WorkflowState> {
  const started = readableEvent(given);
  const { state, refusal } = beginWorkflow(started);
  if (state === undefined) {
    throw new UserError(refusal ?? "The workflow cannot begin.");
  }
  const journal = join(folder, "journal.jsonl");
  return withFileLock(journal, async () => {
    if ((await readText(journal)) !== "") {
      throw new UserError(`There is a workflow ${state.id} already.`);
    }
    const { text, end } = renderLine(started, { lines: 0, hash: "" }, sealer);
    await appendText(journal, text);
    await heads.write(end.hash, end);
    return state;
  });
}

type HeldJournal = JournalReading & { state: WorkflowState; text: string; known?: JournalEnd };

/** The journal of a folder, as far as it holds. Throws a UserError where it is none of this workflow. */
async function readHeldJournal(folder: string, { sealer, heads }: Keeping): Promise<HeldJournal> {
  const path = join(folder, "journal.jsonl");
  const workflow = firstHashOf(await readText(path));
  // Where it ended before what it holds now: another window may write a line in between.
  const known = workflow === undefined ? undefined : await heads.read(workflow);
  const text = await readText(path);
  const reading = readJournal(text, sealer, known);
  const { state } = reading;
  if (reading.isOfNewerVersion === true) {
    throw new UserError(reading.rejection ?? `The journal in ${folder} is of a newer version. Update Trainyard.`);
  }
  if (state === undefined) {
    throw new BrokenJournal(
      text === ""
        ? `The journal of ${basename(folder)} is gone or empty`
        : `The first line of the journal of ${basename(folder)} does not hold`,
    );
  }
  if (state.id !== basename(folder)) {
    throw new UserError(
      `The journal in ${folder} is that of ${state.id}, so what was approved in it does not count here. Remove the copy.`,
    );
  }
  return { ...reading, state, text, ...(known === undefined ? {} : { known }) };
}

async function readState(folder: string, keeping: Keeping, at: string): Promise<WorkflowState> {
  const { state, rejection, holdsKnown } = await readHeldJournal(folder, keeping);
  const isSettled = rejection === undefined && holdsKnown && (await noticeEdits(folder, state, at)).length === 0;
  return isSettled
    ? state
    : changeJournal(folder, keeping, ({ state: before, append }) => appendEdits(folder, before, { append, at }));
}

async function appendEdits(
  folder: string,
  state: WorkflowState,
  { append, at }: { append: Append; at: string },
): Promise<WorkflowState> {
  let current = state;
  await takeInEdits(folder, state);
  for (const event of await noticeEdits(folder, state, at)) {
    current = (await append(current, event)).state;
  }
  return current;
}

type Append = (state: WorkflowState, stamped: StampedEvent, prepare?: Prepare) => Promise<Applied>;

async function changeJournal<Result>(
  folder: string,
  keeping: Keeping,
  change: (journal: { state: WorkflowState; append: Append }) => Promise<Result>,
): Promise<Result> {
  const path = join(folder, "journal.jsonl");
  return withFileLock(path, async () => {
    const reading = await readHeldJournal(folder, keeping);
    await setAside(path, reading);
    let { end } = reading;
    const workflow = firstHashOf(reading.text) ?? "";
    const append: Append = async (state, given, prepare) => {
      const stamped = readableEvent(given);
      const { state: after, refusal: broken } = applyNewEvent(state, stamped);
      const refusal = broken ?? (await prepare?.(state));
      const noted: StampedEvent =
        refusal === undefined
          ? stamped
          : { ...stamped, event: { kind: "refused", attempt: describeAttempt(stamped), reason: refusal } };
      const line = renderLine(noted, end, keeping.sealer);
      await appendText(path, line.text);
      end = line.end;
      await keeping.heads.write(workflow, end);
      return refusal === undefined ? { state: after } : { state: transition(state, noted).state, refusal };
    };
    const event = noticeTampering(reading);
    const by = { kind: "engine" as const, name: "Trainyard" };
    const { state } =
      event === undefined ? reading : await append(reading.state, { event, by, at: new Date().toISOString() });
    if (event !== undefined) {
      keeping.onTampering(state);
    }
    return change({ state, append });
  });
}

/** What was done to a journal outside of Trainyard; undefined where nothing was. */
function noticeTampering({
  rejection,
  holdsKnown,
  known,
  end,
  text,
  heldLength,
}: HeldJournal): WorkflowEvent | undefined {
  if (holdsKnown) {
    return rejection === undefined ? undefined : { kind: "refused", attempt: TAMPERING, reason: rejection };
  }
  const cut = text.slice(heldLength).split("\n").filter(Boolean).length;
  const lines = cut === 1 ? "One line from there on is" : `${cut} lines from there on are`;
  const kept = cut === 0 ? "" : ` ${lines} kept in journal.rejected.jsonl, without counting.`;
  const how = rejection ?? "Lines of the journal were taken away, or an earlier one was put in its place.";
  const reason = `${how}${kept} The workflow stands where it was after line ${end.lines}; it had ${known?.lines ?? 0}.`;
  return { kind: "rewound", reason };
}

function describeAttempt({ event, by }: StampedEvent): string {
  const { kind } = event;
  const what =
    "task" in event
      ? ` ${event.task}`
      : "phase" in event
        ? ` phase ${event.phase + 1}`
        : "path" in event
          ? ` ${event.path}`
          : "";
  return `${kind}${what} by ${by.kind} ${by.name}`.slice(0, 500);
}

/** Cuts a journal back to what holds of it. A line that a crash has cut off goes; lines of others are kept for a look. */
async function setAside(path: string, { text, heldLength, rejection, holdsKnown }: HeldJournal): Promise<void> {
  if (heldLength === text.length) {
    return text.endsWith("\n") ? undefined : appendText(path, "\n");
  }
  if (rejection !== undefined || !holdsKnown) {
    await appendText(path.replace(/\.jsonl$/, ".rejected.jsonl"), text.slice(heldLength).replace(/\n?$/, "\n"));
  }
  await orWriteFailure(path, cutDurably(path, Buffer.byteLength(text.slice(0, heldLength))));
}

/** An event for each document that is not any more what the state says. */
async function noticeEdits(folder: string, state: WorkflowState, at: string): Promise<StampedEvent[]> {
  const checked = await Promise.all(
    Object.entries(state.documents).map(async ([document, known]): Promise<StampedEvent[]> => {
      const hash = await hashOfDocument(join(folder, document));
      const event = { kind: "document-edited" as const, document, hash };
      return hash === known ? [] : [{ event, by: { kind: "engine", name: "Trainyard" }, at }];
    }),
  );
  return checked.flat();
}

function requireId(id: string): string {
  if (!/^[a-z\d][a-z\d-]{0,99}$/.test(id)) {
    throw new UserError(`"${id.slice(0, 60)}" is no workflow. /status lists those of this workspace.`);
  }
  return id;
}

async function folderNames(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && /^[a-z\d][a-z\d-]*$/.test(entry.name))
      .map(({ name }) => name);
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return [];
    }
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  const id = basename(dirname(path));
  try {
    const status = await stat(path);
    if (!status.isFile()) {
      throw new BrokenJournal(`In place of the journal of ${id} there is a folder, or something else that is no file`);
    }
    if (status.size > MAX_JOURNAL_BYTES) {
      throw new BrokenJournal(
        `The journal of ${id} is larger than ${MAX_JOURNAL_BYTES / 1_000_000} MB, which no journal is`,
      );
    }
    return await readFile(path, "utf8");
  } catch (error) {
    switch (errorCode(error)) {
      case "ENOENT":
        return "";
      case undefined:
        throw error;
      default:
        throw new UserError(`The journal of ${id} cannot be read: ${describeFileError(error)}. Let ${path} be read.`, {
          cause: error,
        });
    }
  }
}

function appendText(path: string, text: string): Promise<void> {
  return orWriteFailure(path, appendDurably(path, text));
}

async function appendDurably(path: string, text: string): Promise<void> {
  await using file = await openToAppend(path, { isNew: true });
  await file.writeFile(text);
  await file.sync();
}

async function cutDurably(path: string, sizeBytes: number): Promise<void> {
  await using file = await openToAppend(path, { isNew: false });
  await file.truncate(sizeBytes);
  await file.sync();
}
