import * as vscode from "vscode";
import { cutText } from "../../core/chat/assemblePrompt.ts";
import { takePacketToken } from "../../core/chat/packetToken.ts";
import { readTurnMemory, renderToolNotes, type TurnMemory } from "../../core/chat/turnMemory.ts";

/** Older turns are told by newer answers; a request also gets slower with each of them. */
const MAX_TURNS = 20;
const MAX_ANSWER_CHARACTERS = 8_000;

type Turn = vscode.ChatContext["history"][number];

/**
 * The history as the request loop should see it. On its own the loop forgets the final text of answers that used tools and
 * reads every file of every earlier turn again, whole.
 */
export function reshapeHistory(history: vscode.ChatContext["history"]): vscode.ChatContext {
  return { history: history.slice(-MAX_TURNS).map(reshapeTurn) };
}

/** What the newest turn left behind. */
export function lastMemory(history: vscode.ChatContext["history"]): TurnMemory | undefined {
  const memories = history.map((turn) =>
    turn instanceof vscode.ChatResponseTurn ? readTurnMemory(turn.result.metadata) : undefined,
  );
  return memories.findLast((memory) => memory !== undefined);
}

/** The loop tells turns by their class, whose constructors are private; so a changed turn inherits from its original. */
function reshapeTurn(turn: Turn): Turn {
  if (turn instanceof vscode.ChatRequestTurn) {
    const command = turn.command === undefined ? "" : `/${turn.command} `;
    const prompt = `${command}${takePacketToken(turn.prompt).prompt}`;
    const request: vscode.ChatRequestTurn = Object.create(turn, {
      prompt: { value: prompt },
      references: { value: [] },
    });
    return request;
  }
  const notes = renderToolNotes(readTurnMemory(turn.result.metadata)?.tools ?? []);
  const text = [notes, cutText(textOf(turn), MAX_ANSWER_CHARACTERS).text].filter((part) => part !== "").join("\n\n");
  const response = [new vscode.ChatResponseMarkdownPart(new vscode.MarkdownString(text))];
  const answer: vscode.ChatResponseTurn = Object.create(turn, { response: { value: response }, result: { value: {} } });
  return answer;
}

function textOf(turn: vscode.ChatResponseTurn): string {
  return turn.response
    .map((part) => (part instanceof vscode.ChatResponseMarkdownPart ? part.value.value : ""))
    .join("");
}
