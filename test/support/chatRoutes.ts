import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { routeIntent } from "../../src/core/chat/routeIntent.ts";

const manifest: { contributes: { chatParticipants: { name: string; commands: { name: string }[] }[] } } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
/** Every slash command of the manifest with its agent. */
export const commands = manifest.contributes.chatParticipants.flatMap(({ name: participant, commands: own }) =>
  own.map(({ name }) => ({ name, participant })),
);

/** The route as one line: `/train with lr 3e-4`, `@mlops-engineer /deploy …`, or `?`. */
export function route(text: string, participant: string, runNames: readonly string[] = []): string {
  const intent = routeIntent(text, participant, { commands, runNames });
  if (intent.kind !== "command" && intent.kind !== "other-agent") {
    return intent.kind === "unknown" ? "?" : intent.kind;
  }
  const agent = intent.kind === "other-agent" ? `@${intent.participant} ` : "";
  return `${agent}/${intent.command} ${intent.prompt}`.trim();
}

/** Only the command, for phrases that are handed on as they are. */
export function checkCommands(participant: string, cases: Record<string, string>): void {
  for (const [text, expected] of Object.entries(cases)) {
    const actual = route(text, participant).split(" ").slice(0, expected.split(" ").length).join(" ");
    assert.equal(actual, expected, text);
  }
}
