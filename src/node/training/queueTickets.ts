import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type Ahead,
  type Candidates,
  lookAhead,
  type QueueTicket,
  queueTicketSchema,
  ticketName,
} from "../../core/training/runQueue.ts";
import type { RunRecord } from "../../core/training/runRecord.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { identifyProcess } from "../base/processIdentity.ts";
import { userLeases } from "./runLeases.ts";

/** Puts the run into the line, or says anew what it could be given. */
export async function queueUp(record: RunRecord, { kind, devices }: Candidates): Promise<void> {
  const ticket: QueueTicket = {
    schemaVersion: 1,
    runId: record.id,
    holder: identifyProcess(process.pid) ?? { pid: process.pid, startTime: "" },
    kind,
    devices: [...devices],
  };
  await mkdir(queueFolder(), { recursive: true });
  await writeFileAtomically(join(queueFolder(), ticketName(record)), JSON.stringify(ticket));
}

export async function leaveQueue(record: RunRecord): Promise<void> {
  await rm(join(queueFolder(), ticketName(record)), { force: true });
}

/** What the runs that came before leave to this one. */
export async function findAhead(record: RunRecord, candidates: Candidates): Promise<Ahead> {
  const own = ticketName(record);
  const names = (await readdir(queueFolder())).filter((name) => name.endsWith(".json") && name < own);
  const tickets = await Promise.all(names.map((name) => readTicket(join(queueFolder(), name))));
  const earlier = tickets.filter((ticket) => ticket !== undefined);
  return lookAhead(earlier, candidates);
}

function queueFolder(): string {
  return join(userLeases().folder, "queue");
}

/** Nothing for one that is gone; one whose process is gone is removed. */
async function readTicket(path: string): Promise<QueueTicket | undefined> {
  let ticket: QueueTicket;
  let touchedMsAgo: number;
  try {
    touchedMsAgo = Date.now() - (await stat(path)).mtimeMs;
    ticket = queueTicketSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
  if (await userLeases().isAlive({ ...ticket, touchedMsAgo })) {
    return ticket;
  }
  await rm(path, { force: true });
  return undefined;
}
