import { UserError } from "../../core/base/errors.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { askModelOf } from "./askModelOf.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import type { Answered, PreparedTurn } from "./chatTurn.ts";
import { fileReferences } from "./references.ts";
import { renderReply } from "./renderReply.ts";

/** What a person who agrees in words has to press. */
const STARTING = new Set(["trainyard.startShownPlan", "trainyard.startShownSweep", "trainyard.resumeTraining"]);

/** What shows another plan first. */
const PROPOSING = new Set(["trainyard.editShownPlan", "trainyard.planRun", "trainyard.reproduceRun"]);

/** Runs a slash command of the participant and draws its reply. */
export async function answerCommand(
  turn: PreparedTurn,
  asked: { name: string; prompt: string; isRouted?: true },
  deps: ChatDependencies,
): Promise<Answered> {
  const own = turn.commands.filter((command) => command.participant === turn.participant);
  const command = own.find((each) => each.name === asked.name);
  if (command === undefined) {
    const names = own.map((each) => `/${each.name}`).join(", ");
    throw new UserError(`@${turn.participant} has no command /${asked.name}. It has: ${names}.`);
  }
  const references = fileReferences(turn.request.references);
  const askModel = askModelOf(turn, deps);
  const request = {
    prompt: asked.prompt,
    ...(asked.isRouted === undefined ? {} : { isRouted: asked.isRouted }),
    references,
    progress: (markdown: string) => turn.stream.markdown(`${markdown}\n\n`),
    ...(askModel === undefined ? {} : { askModel }),
    ...(turn.packet === undefined ? {} : { packet: turn.packet }),
  };
  const reply = await withAbortSignal(turn.token, (signal) => command.answer(request, signal));
  await renderReply(turn.stream, reply);
  const followups = reply.followups?.map((followup) => ({ ...followup }));
  const startButton = reply.buttons?.find((button) => STARTING.has(button.command))?.title;
  const hasProposed =
    reply.isProposal === true || reply.buttons?.some((button) => PROPOSING.has(button.command)) === true;
  return {
    offersHandoffs: reply.offersHandoffs !== false && command.offersHandoffs !== false,
    above: {
      ...(command.followedBy === undefined ? {} : { followedBy: command.followedBy }),
      ownButtons: reply.buttons?.length ?? 0,
    },
    text: reply.markdown,
    memory: {
      ...(followups === undefined ? {} : { followups }),
      ...(startButton === undefined ? {} : { startButton }),
      ...(startButton === undefined && hasProposed ? { hasProposed } : {}),
    },
  };
}
