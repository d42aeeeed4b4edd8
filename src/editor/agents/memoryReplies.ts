import { findNotes } from "../../core/agents/agentMemory.ts";
import { describeMemory, describeNote, planForgetting } from "../../core/agents/describeMemory.ts";
import { isEmptyMemory, notesOf } from "../../core/agents/memoryFile.ts";
import { meansAllNotes, parseMemoryRequest, parseNote } from "../../core/agents/memoryRequest.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand, SlashRequest } from "../../core/chat/slashCommand.ts";
import { displayPath } from "../base/workspace.ts";
import { openMemory } from "./memoryAccess.ts";

const PARTICIPANT = "mlops-engineer";

/** `/remember`, `/memory` and `/forget`: what an agent knows of this workspace beyond its files. */
export const memorySlashCommands: readonly SlashCommand[] = [
  {
    participant: PARTICIPANT,
    name: "remember",
    description: "keep a fact about this workspace for later conversations",
    offersHandoffs: false,
    answer: answerRemember,
  },
  {
    participant: PARTICIPANT,
    name: "memory",
    description: "show what an agent remembers about this workspace",
    offersHandoffs: false,
    answer: answerMemory,
  },
  {
    participant: PARTICIPANT,
    name: "forget",
    description: "remove a fact that an agent remembers",
    offersHandoffs: false,
    answer: answerForget,
  },
];

async function answerRemember({ prompt, references }: SlashRequest): Promise<Reply> {
  const { agent, rest } = parseMemoryRequest(prompt, PARTICIPANT);
  if (rest === "") {
    return {
      markdown:
        "What shall be remembered? For example `/remember labels are versioned with DVC`, `/remember failures: NCCL hangs without --shm-size=8g`, or for another agent `/remember @ml-trainer batch 64 fits into 24 GB`. An attached file becomes the place it was seen at.",
    };
  }
  const [reference] = references;
  const where =
    reference && `${displayPath(reference.path)}${reference.line === undefined ? "" : `:${reference.line + 1}`}`;
  const memory = await openMemory();
  const { note, dropped } = await memory.write(agent, {
    ...parseNote(rest),
    ...(where === undefined ? {} : { where }),
  });
  const left = dropped.map((each) => `- ${describeNote(each)}`);
  return {
    markdown: [
      `@${agent} will remember: ${describeNote(note)}`,
      ...(left.length === 0 ? [] : [`To make room, the oldest left:\n\n${left.join("\n")}`]),
    ].join("\n\n"),
    buttons: [openButton(agent)],
    references: [{ path: memory.path(agent) }],
  };
}

async function answerMemory({ prompt }: SlashRequest): Promise<Reply> {
  const { agent } = parseMemoryRequest(prompt, PARTICIPANT);
  const memory = await openMemory();
  const known = await memory.read(agent);
  return {
    markdown: describeMemory(agent, known),
    ...(isEmptyMemory(agent, known) ? {} : { buttons: [openButton(agent)] }),
  };
}

async function answerForget({ prompt }: SlashRequest): Promise<Reply> {
  const { agent, rest } = parseMemoryRequest(prompt, PARTICIPANT);
  const memory = await openMemory();
  const known = await memory.read(agent);
  if (rest === "" || notesOf(known).length === 0) {
    const how = notesOf(known).length === 0 ? [] : ["Say words of the note to remove, for example `/forget DVC`."];
    return { markdown: [...how, describeMemory(agent, known)].join("\n\n") };
  }
  if (meansAllNotes(rest)) {
    return {
      markdown: ["Nothing was removed. Choose which of these notes go.", describeMemory(agent, known)].join("\n\n"),
      buttons: [{ title: "Choose…", command: "trainyard.forget", arguments: [agent] }, openButton(agent)],
    };
  }
  const plan = planForgetting(findNotes(known, rest));
  if (plan.kind === "nothing-found") {
    return { markdown: ["No note has all of these words.", describeMemory(agent, known)].join("\n\n") };
  }
  if (plan.kind === "choose") {
    const found = plan.among.map((note) => `- ${describeNote(note)}`).join("\n");
    return {
      markdown: `These notes have all of these words. Nothing was removed; add words that only one of them has.\n\n${found}`,
      buttons: [{ title: "Choose…", command: "trainyard.forget", arguments: [agent] }],
    };
  }
  await memory.forget(agent, plan.note);
  return {
    markdown: `@${agent} forgot: ${describeNote(plan.note)}`,
    buttons: [{ title: "Undo", command: "trainyard.undoForget", arguments: [{ agent, note: plan.note }] }],
  };
}

function openButton(agent: string) {
  return { title: "Edit Memory", command: "trainyard.showMemory", arguments: [agent] };
}
