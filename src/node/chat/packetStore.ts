import { randomInt } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UserError } from "../../core/base/errors.ts";
import {
  buildPacket,
  type HandoffContent,
  type HandoffFacts,
  handoffPacketSchema,
  type PacketReading,
  type PacketStore,
} from "../../core/chat/handoffPacket.ts";
import { isPacketId } from "../../core/chat/packetToken.ts";
import { writeNewFile } from "../base/writeNewFile.ts";

/** A packet holds bounded texts and lists; a larger file was not written by us. */
const MAX_PACKET_BYTES = 262_144;
const ID_LENGTH = 6;
/** Without vowels and look-alikes, so that an id is no word and can be read out. */
const ID_ALPHABET = "23456789bcdfghjkmnpqrstvwxz";
const MAX_ATTEMPTS = 10;

type StoreSources = { now(): Date; newId(): string };

const SYSTEM_SOURCES: StoreSources = { now: () => new Date(), newId };

/** Packets as `<folder>/<id>.json`; the folder is made on the first write, which throws a UserError where it cannot be. */
export function createPacketStore(folder: string, sources: StoreSources = SYSTEM_SOURCES): PacketStore {
  return {
    write: (content, facts) => writePacket(folder, content, { facts, sources }),
    read: (id) => readPacket(folder, id),
  };
}

async function writePacket(
  folder: string,
  content: HandoffContent,
  given: { facts: HandoffFacts; sources: StoreSources },
) {
  const createdAt = given.sources.now().toISOString();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const packet = buildPacket(content, given.facts, { id: given.sources.newId(), createdAt });
    const path = join(folder, `${packet.id}.json`);
    if ((await writeNewFile(path, `${JSON.stringify(packet, undefined, 2)}\n`)) === "written") {
      return { packet, path };
    }
  }
  throw new UserError(`No free name for a handoff was found in ${folder}. Remove old files there and try again.`);
}

async function readPacket(folder: string, id: string): Promise<PacketReading> {
  const withoutIt = "The work goes on with the prompt alone.";
  if (!isPacketId(id)) {
    return { kind: "unreadable", reason: `\`${id.slice(0, 40)}\` is no handoff. ${withoutIt}` };
  }
  const path = join(folder, `${id}.json`);
  try {
    const parsed = handoffPacketSchema.safeParse(JSON.parse(await readBounded(path)));
    if (parsed.success && parsed.data.id === id) {
      return { kind: "read", packet: parsed.data };
    }
    const field = parsed.error?.issues[0]?.path.join(".") || "id";
    return { kind: "unreadable", reason: `The handoff packet ${path} is damaged at \`${field}\`. ${withoutIt}` };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const what = isMissing
      ? `There is no handoff packet ${path}`
      : `The handoff packet ${path} cannot be read (${messageOf(error)})`;
    return { kind: "unreadable", reason: `${what}. ${withoutIt}` };
  }
}

async function readBounded(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  if (size > MAX_PACKET_BYTES) {
    throw new UserError(`it is larger than ${MAX_PACKET_BYTES} bytes`);
  }
  return await file.readFile("utf8");
}

function newId(): string {
  return Array.from({ length: ID_LENGTH }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)] ?? "2").join("");
}
