import * as vscode from "vscode";
import type { AgentCatalog } from "../../core/agents/agentCatalog.ts";
import { UserError } from "../../core/base/errors.ts";
import {
  type HandoffArguments,
  handoffArgumentsSchema,
  handoffChoiceSchema,
} from "../../core/chat/handoffArguments.ts";
import {
  type HandoffContent,
  type HandoffFacts,
  type HandoffPacket,
  inheritFacts,
  MAX_SENT_IN_A_ROW,
  type PacketStore,
} from "../../core/chat/handoffPacket.ts";
import { resolveHandoffTarget } from "../../core/chat/handoffTarget.ts";
import { appendPacketToken } from "../../core/chat/packetToken.ts";
import { PARTICIPANT_NAMES } from "../../core/chat/participantNames.ts";
import { findSpokesman } from "../../core/chat/specialists.ts";
import { languageModels } from "../base/languageModels.ts";
import { reportError, showError } from "../base/reportError.ts";
import { canOpenLocalSession, openChat, openLocalSession } from "./chatWindow.ts";
import type { Deliveries } from "./deliveries.ts";
import { chooseForMissing, chooseHandoff } from "./handoffChoices.ts";

export type HandoffDependencies = {
  loadCatalog(): Promise<AgentCatalog>;
  /** Absent without a workspace folder: then the prompt goes alone. */
  packets(): PacketStore | undefined;
  /**
   * The run, its newest intact checkpoint, its metrics and files at this moment; of the latest run where no id is given.
   * Contract: resolves with what it knows; an unknown run gives no facts.
   */
  currentFacts(runId: string | undefined): Promise<HandoffFacts>;
  deliveries: Deliveries;
};

/**
 * The command `trainyard.handoff`. A button brings a whole handoff, or the agent whose handoffs the person chooses
 * from; without an argument every handoff is offered.
 */
export async function handOver(argument: unknown, deps: HandoffDependencies): Promise<void> {
  const catalog = await deps.loadCatalog();
  const handoff = await readHandoff(argument, catalog);
  if (handoff !== undefined) {
    await handOverTo(handoff.to, handoff, { catalog, deps });
  }
}

async function readHandoff(argument: unknown, catalog: AgentCatalog): Promise<HandoffArguments | undefined> {
  if (argument === undefined) {
    return await chooseHandoff(catalog);
  }
  const choice = handoffChoiceSchema.safeParse(argument);
  if (choice.success) {
    return await chooseHandoff(catalog, choice.data);
  }
  const whole = handoffArgumentsSchema.safeParse(argument);
  if (!whole.success) {
    throw new UserError(
      "This handoff button is not complete. Use the button below a newer answer, or run Trainyard: Hand Over to Another Agent.",
    );
  }
  return whole.data;
}

async function handOverTo(
  name: string,
  handoff: HandoffArguments,
  context: { catalog: AgentCatalog; deps: HandoffDependencies },
): Promise<void> {
  const target = resolveHandoffTarget(name, PARTICIPANT_NAMES, context.catalog);
  switch (target.kind) {
    case "participant":
      return await sendToParticipant({ ...handoff, to: target.name }, { participant: target.name }, context.deps);
    case "custom-agent":
      return await handOverToCustomAgent({ ...handoff, to: target.name }, context.deps);
    case "missing": {
      const chosen = await chooseForMissing(target, handoff);
      return chosen === undefined ? undefined : await handOverTo(chosen, handoff, context);
    }
  }
}

/** A custom agent is instructions for a model. Where none can answer, a participant speaks for it from the files. */
async function handOverToCustomAgent(handoff: HandoffArguments, deps: HandoffDependencies): Promise<void> {
  const spokesman = findSpokesman(handoff.to);
  return spokesman === undefined || (await canModelAnswer(handoff))
    ? await sendToCustomAgent(handoff, deps)
    : await sendToParticipant(handoff, spokesman, deps);
}

async function canModelAnswer({ isModelPicked }: HandoffArguments): Promise<boolean> {
  return isModelPicked !== false && (await languageModels()).length > 0;
}

type Addressee = { participant: string; command?: string };

async function sendToParticipant(
  handoff: HandoffArguments,
  { participant, command }: Addressee,
  deps: HandoffDependencies,
): Promise<void> {
  const { written, isSent } = await prepare(handoff, deps);
  // A sentence that was written for a model is no argument of a command; the packet brings what it needs.
  const request = command === undefined ? handoff.prompt : `/${command}`;
  const prompt = written === undefined ? request : appendPacketToken(request, written.packet.id);
  const query = { query: `@${participant} ${prompt}`, isPartialQuery: !isSent };
  // Only an answer of our own proves that the session in view has participants.
  if (handoff.origin === "elsewhere") {
    await openLocalSession();
  }
  if (written !== undefined && isSent) {
    deps.deliveries.watch(written.packet.id, {
      canOpenLocalSession: await canOpenLocalSession(),
      resend: () =>
        reporting(async () => {
          await openLocalSession();
          await openChat(query);
        }),
      tellUnreachable: () => reporting(() => tellUnreachable(participant, query.query)),
    });
  }
  await openChat(query);
}

/** A custom agent keeps the session's history and reads files itself, so the packet goes along as an attachment. */
async function sendToCustomAgent(handoff: HandoffArguments, deps: HandoffDependencies): Promise<void> {
  const { written, isSent } = await prepare(handoff, deps);
  await openChat({
    query: handoff.prompt,
    isPartialQuery: !isSent,
    mode: handoff.to,
    ...(written === undefined ? {} : { attachFiles: [vscode.Uri.file(written.path)] }),
  });
}

type WrittenPacket = { packet: HandoffPacket; path: string };

/** Writes the packet, and decides whether the handoff is sent or waits in the input box. */
async function prepare(
  handoff: HandoffArguments,
  deps: HandoffDependencies,
): Promise<{ written: WrittenPacket | undefined; isSent: boolean }> {
  const earlier = await readEarlier(handoff, deps);
  const wantsSending = handoff.send && vscode.workspace.getConfiguration("trainyard").get("chat.sendHandoffs", true);
  const sentBefore = handoff.isAfterHandoff === true ? (earlier?.sentInARow ?? 0) : 0;
  const isSent = wantsSending && sentBefore < MAX_SENT_IN_A_ROW;
  if (wantsSending && !isSent) {
    void vscode.window.showInformationMessage(
      `${MAX_SENT_IN_A_ROW} handoffs were sent in a row. This one waits in the input box: read what was said, then send it.`,
    );
  }
  const content = { ...handoff, sentInARow: isSent ? sentBefore + 1 : 0 };
  return { written: await writePacket(content, earlier, deps), isSent };
}

async function readEarlier(
  { earlierPacketId }: HandoffArguments,
  deps: HandoffDependencies,
): Promise<HandoffPacket | undefined> {
  const reading = earlierPacketId === undefined ? undefined : await deps.packets()?.read(earlierPacketId);
  return reading?.kind === "read" ? reading.packet : undefined;
}

/** A handoff whose packet cannot be written still goes on, with a warning. */
async function writePacket(
  content: HandoffContent & { runId?: string | undefined },
  earlier: HandoffPacket | undefined,
  deps: HandoffDependencies,
): Promise<WrittenPacket | undefined> {
  const packets = deps.packets();
  if (packets === undefined) {
    return undefined;
  }
  try {
    return await packets.write(content, inheritFacts(earlier, await deps.currentFacts(content.runId)));
  } catch (error) {
    const report = reportError(error, "Collecting the context of the handoff");
    if (report.kind !== "cancelled") {
      void vscode.window.showWarningMessage(`${report.message} The prompt goes on without it.`);
    }
    return undefined;
  }
}

async function tellUnreachable(name: string, query: string): Promise<void> {
  const open = "Open Local Chat";
  const chosen = await vscode.window.showWarningMessage(
    `@${name} did not answer. It is reached only in chat sessions of the kind "Local", and it needs a model to be picked there ("Built-in (no AI)" is enough).`,
    open,
  );
  if (chosen === open) {
    await openLocalSession();
    await openChat({ query, isPartialQuery: true });
  }
}

async function reporting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await showError(error, "Handing over");
  }
}
