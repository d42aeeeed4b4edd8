import * as vscode from "vscode";
import * as z from "zod";
import type { AgentCatalog, CatalogedAgent } from "../../core/agents/agentCatalog.ts";
import { MEMORY_TOPICS } from "../../core/agents/agentMemory.ts";
import { type FiledNote, isEmptyMemory, notesOf, renderNote } from "../../core/agents/memoryFile.ts";
import { parseNote } from "../../core/agents/memoryRequest.ts";
import { UserError } from "../../core/base/errors.ts";
import type { CommandTable } from "../base/commands.ts";
import { openMemory } from "./memoryAccess.ts";

const forgottenSchema = z.object({
  agent: z.string(),
  note: z.object({ heading: z.string(), date: z.string(), what: z.string(), where: z.string().optional() }),
});

/** The palette's twins of `/remember`, `/memory` and `/forget`. */
export function memoryCommands(loadCatalog: () => Promise<AgentCatalog>): CommandTable {
  return {
    remember: () => rememberNote(loadCatalog),
    showMemory: async (agent) => withAgent(await rememberingAgent(agent, loadCatalog), openMemoryFile),
    forget: async (agent) => withAgent(await rememberingAgent(agent, loadCatalog), forgetNotes),
    undoForget: (argument) => undoForget(argument),
  };
}

/** The agent that was named, else the only one that remembers something, else the one that is picked. Says so where none does. */
async function rememberingAgent(given: unknown, loadCatalog: () => Promise<AgentCatalog>): Promise<string | undefined> {
  if (typeof given === "string") {
    return given;
  }
  const memory = await openMemory();
  const remembering: CatalogedAgent[] = [];
  for (const agent of (await loadCatalog()).agents) {
    const reading = await memory.lookAt(agent.definition.name);
    // What cannot be read is there all the same; who picks it is told why.
    if (reading.kind === "unreadable" || !isEmptyMemory(agent.definition.name, reading.memory)) {
      remembering.push(agent);
    }
  }
  const [only] = remembering;
  if (only === undefined) {
    await offerNote("No agent remembers anything about this workspace yet.");
    return undefined;
  }
  return remembering.length === 1 ? only.definition.name : pickAgent(remembering);
}

async function withAgent(agent: string | undefined, act: (agent: string) => Promise<void>): Promise<void> {
  if (agent !== undefined) {
    await act(agent);
  }
}

async function pickAgent(agents: readonly CatalogedAgent[]): Promise<string> {
  const picked = await vscode.window.showQuickPick(
    agents.map(({ definition }) => ({ label: definition.name, description: definition.description })),
    { title: "The memory of which agent?", matchOnDescription: true },
  );
  if (picked === undefined) {
    throw new vscode.CancellationError();
  }
  return picked.label;
}

/** The agents of the chat first, whom most is told. */
async function chatAgentsFirst(loadCatalog: () => Promise<AgentCatalog>): Promise<readonly CatalogedAgent[]> {
  const { PARTICIPANT_NAMES } = await import("../../core/chat/participantNames.ts");
  const names: readonly string[] = PARTICIPANT_NAMES;
  const isOther = ({ definition }: CatalogedAgent) => Number(!names.includes(definition.name));
  return (await loadCatalog()).agents.toSorted((a, b) => isOther(a) - isOther(b));
}

async function offerNote(sentence: string): Promise<void> {
  const add = "Add a Note…";
  if ((await vscode.window.showInformationMessage(sentence, add)) === add) {
    await vscode.commands.executeCommand("trainyard.remember");
  }
}

async function rememberNote(loadCatalog: () => Promise<AgentCatalog>): Promise<void> {
  const agent = await pickAgent(await chatAgentsFirst(loadCatalog));
  const text = await vscode.window.showInputBox({
    title: `What shall @${agent} remember?`,
    prompt: `One fact in a sentence. Begin with a topic if you like: ${Object.keys(MEMORY_TOPICS).join(", ")}.`,
    placeHolder: "data: labels are versioned with DVC",
    validateInput: (value) => (value.trim() === "" ? "Write a sentence." : undefined),
  });
  if (text === undefined) {
    return;
  }
  const memory = await openMemory();
  const { note } = await memory.write(agent, parseNote(text));
  const open = "Open";
  const answer = await vscode.window.showInformationMessage(`@${agent} will remember: ${note.what}`, open);
  if (answer === open) {
    await openMemoryFile(agent);
  }
}

async function openMemoryFile(agent: string): Promise<void> {
  const memory = await openMemory();
  if (isEmptyMemory(agent, await memory.read(agent))) {
    await offerNote(`@${agent} remembers nothing about this workspace yet.`);
    return;
  }
  await vscode.window.showTextDocument(vscode.Uri.file(memory.path(agent)));
}

async function forgetNotes(agent: string): Promise<void> {
  const memory = await openMemory();
  const known = await memory.read(agent);
  const notes = notesOf(known);
  if (notes.length === 0) {
    const message = isEmptyMemory(agent, known)
      ? `@${agent} remembers nothing about this workspace yet.`
      : `@${agent} remembers no dated note. What stands in its file without a date, you take out there.`;
    void vscode.window.showInformationMessage(message);
    return;
  }
  const picked = await vscode.window.showQuickPick(
    notes.map((note) => ({
      label: note.what,
      description: note.where,
      detail: `${note.heading} · ${note.date}`,
      note,
    })),
    { title: `What shall @${agent} forget?`, canPickMany: true, matchOnDescription: true, matchOnDetail: true },
  );
  for (const { note } of picked ?? []) {
    await memory.forget(agent, note);
  }
  if (picked !== undefined && picked.length > 0) {
    await offerUndo(
      agent,
      picked.map(({ note }) => note),
    );
  }
}

async function offerUndo(agent: string, notes: readonly FiledNote[]): Promise<void> {
  const undo = "Undo";
  const sentence =
    notes.length === 1 ? `@${agent} forgot: ${notes[0]?.what}` : `@${agent} forgot ${notes.length} notes.`;
  if ((await vscode.window.showInformationMessage(sentence, undo)) === undo) {
    for (const note of notes) {
      await restore(agent, note);
    }
  }
}

/** The button under an answer of `/forget`, which brings its arguments as JSON. */
async function undoForget(argument: unknown): Promise<void> {
  const parsed = forgottenSchema.safeParse(argument);
  if (!parsed.success) {
    throw new UserError("This button lost its note. Write the note again with /remember.");
  }
  const { agent, note } = parsed.data;
  const { heading, date, what, where } = note;
  await restore(agent, { heading, date, what, ...(where === undefined ? {} : { where }) });
  void vscode.window.showInformationMessage(`@${agent} remembers again: ${renderNote({ date, what })}`);
}

async function restore(agent: string, note: FiledNote): Promise<void> {
  await (await openMemory()).restore(agent, note);
}
