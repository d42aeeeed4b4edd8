import { inlineCode } from "../../core/base/markdown.ts";
import {
  admitMisunderstanding,
  asksForHelp,
  BUILT_IN_NOTICE,
  describeWish,
  type Fitting,
  introduceCommands,
  introduceHandoffs,
  isAgreement,
  isGreeting,
  isTakingBack,
  isThanks,
  listCommands,
  NOTHING_DONE,
  NOTHING_TO_AGREE_TO,
  offerAddStep,
  offerFlowGraph,
  offerNextSteps,
  offerOtherAgent,
  pointToButton,
  takeBack,
  WELCOME,
} from "../../core/chat/builtInReply.ts";
import type { Reply } from "../../core/chat/reply.ts";
import { routeIntent } from "../../core/chat/routeIntent.ts";
import { describeEvidence } from "../../core/knowledge/triggers/mergeRankings.ts";
import { withAbortSignal } from "../base/cancellation.ts";
import { answerCommand } from "./answerCommand.ts";
import type { ChatDependencies } from "./chatDependencies.ts";
import type { Answered, PreparedTurn } from "./chatTurn.ts";
import { renderReply } from "./renderReply.ts";

/** Answers free text without a model: by the command it means, or by what can be done instead. */
export async function answerBuiltIn(turn: PreparedTurn, deps: ChatDependencies): Promise<Answered> {
  if (turn.earlier?.saidBuiltIn !== true) {
    turn.stream.markdown(BUILT_IN_NOTICE);
  }
  const answered = await route(turn, deps);
  return { ...answered, memory: { ...answered.memory, saidBuiltIn: true } };
}

async function route(turn: PreparedTurn, deps: ChatDependencies): Promise<Answered> {
  const { participant, commands, packet } = turn;
  const draw = async (reply: Reply): Promise<Answered> => {
    await renderReply(turn.stream, reply, "ours");
    return { offersHandoffs: false, text: "", memory: {} };
  };
  // Above every command: said of a plan, "cancel that" must not reach a run that goes on beside it.
  const decision = replyToDecision(turn);
  if (decision !== undefined) {
    return { ...(await draw(decision)), memory: rememberedProposal(turn) };
  }
  const runNames = await deps.readRunNames();
  const direct = routeIntent(turn.prompt, participant, { commands, runNames });
  const fitting = direct.kind === "command" ? [] : await fittingAgents(turn, deps);
  const ranking = fitting.map(({ name }) => name);
  const intent = ranking.length === 0 ? direct : routeIntent(turn.prompt, participant, { commands, ranking, runNames });
  // The prompt of a handoff was written for a model: only looking may follow from it by itself.
  if (turn.isPacketNew && packet !== undefined && !(intent.kind === "command" && intent.isReading)) {
    return await draw(offerNextSteps(packet, participant, commands));
  }
  if (intent.kind === "command" && (!turn.isPacketNew || intent.isReading)) {
    // What a handoff asks in a sentence is no argument of the command it leads to.
    const prompt = turn.isPacketNew ? (packet?.run?.id ?? "") : intent.prompt;
    const asked = { name: intent.command, prompt, isRouted: true } as const;
    turn.stream.markdown(`${inlineCode(`/${asked.name} ${asked.prompt}`)}\n\n`);
    return await answerCommand(turn, asked, deps);
  }
  if (intent.kind === "other-agent" && !turn.isPacketNew) {
    return await draw(offerOtherAgent(intent));
  }
  if (intent.kind === "wish") {
    return await draw(describeWish(intent.wish, participant, commands));
  }
  if (intent.kind === "refusal") {
    return { ...(await draw(NOTHING_DONE)), memory: rememberedProposal(turn) };
  }
  if (intent.kind === "hand-over") {
    return { ...(await draw(introduceHandoffs(await deps.readSituation(participant)))), offersHandoffs: true };
  }
  const situation = await deps.readSituation(participant);
  if (intent.kind === "add-step") {
    return await draw(offerAddStep(situation));
  }
  if (intent.kind === "show-graph") {
    return await draw(offerFlowGraph(situation));
  }
  if (asksForHelp(turn.prompt)) {
    return await draw(listCommands(participant, commands, { situation, fitting }));
  }
  if (isThanks(turn.prompt)) {
    return await draw(WELCOME);
  }
  if (isAgreement(turn.prompt)) {
    return await draw(NOTHING_TO_AGREE_TO);
  }
  if (isGreeting(turn.prompt)) {
    return await draw(introduceCommands(participant, commands, { situation, fitting }));
  }
  return turn.earlier?.saidBuiltIn === true
    ? await draw(admitMisunderstanding(turn.prompt, participant, commands, { situation }))
    : await draw(introduceCommands(participant, commands, { situation, fitting, misunderstood: turn.prompt }));
}

/** The answer to who agrees to what was proposed or takes it back, if that is what is said. */
function replyToDecision({ earlier, prompt, participant, commands }: PreparedTurn): Reply | undefined {
  const { startButton, hasProposed } = earlier ?? {};
  if (startButton !== undefined && isAgreement(prompt)) {
    return pointToButton(startButton);
  }
  const wasProposed = startButton !== undefined || hasProposed === true;
  return wasProposed && isTakingBack(prompt) ? takeBack(startButton, participant, commands) : undefined;
}

/** What was proposed stays so after a word about it: its button is still there. */
function rememberedProposal({ earlier }: PreparedTurn): Answered["memory"] {
  const { startButton, hasProposed } = earlier ?? {};
  return {
    ...(startButton === undefined ? {} : { startButton }),
    ...(hasProposed === undefined ? {} : { hasProposed }),
  };
}

/** The agents that something in the workspace speaks for, best first. */
async function fittingAgents(turn: PreparedTurn, deps: ChatDependencies): Promise<Fitting[]> {
  const standings = await withAbortSignal(turn.token, (signal) => deps.rankAgents(signal));
  return standings.flatMap(({ name, evidence: [best] }) =>
    best === undefined ? [] : [{ name, reason: describeEvidence(best) }],
  );
}
