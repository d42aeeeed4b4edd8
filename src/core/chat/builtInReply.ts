import { commandLink, escapeMarkdown, inlineCode } from "../base/markdown.ts";
import type { HandoffPacket } from "./handoffPacket.ts";
import type { Reply } from "./reply.ts";
import type { SlashCommand } from "./slashCommand.ts";

/** The command behind every link of these answers: opens the chat with a request to one of our agents. */
export const ASK_AGENT_COMMAND = "trainyard.askAgent";

export const BUILT_IN_NAME = "Built-in (no AI)";

export const BUILT_IN_NOTICE = `_${BUILT_IN_NAME}: no language model is at work here. Plain requests are matched to commands by fixed rules._\n\n`;

type CommandSummary = Pick<SlashCommand, "name" | "participant" | "description">;

/** An agent that fits the workspace, with what speaks for it. */
export type Fitting = { name: string; reason: string };

/**
 * The answer to a text that means no command: everything that can be done here, each with a link that does it. `fitting`
 * are the agents that something in the workspace speaks for, best first.
 */
export function listCommands(
  participant: string,
  commands: readonly CommandSummary[],
  fitting: readonly Fitting[] = [],
): Reply {
  const own = commands.filter((command) => command.participant === participant);
  const ranked = [...fitting.map(({ name }) => name), ...commands.map((command) => command.participant)];
  const others = [...new Set(ranked)].filter(
    (name) => name !== participant && commands.some((command) => command.participant === name),
  );
  const othersList = others.map((name) => {
    const links = commands.filter((command) => command.participant === name).map(linkTo);
    const reason = fitting.find((each) => each.name === name)?.reason;
    return `**@${name}**${reason === undefined ? "" : ` (fits here: ${escapeMarkdown(reason)})`}: ${links.join(" · ")}`;
  });
  return {
    markdown: [
      "This text matches no command, and answering it freely would need a language model. What works without one:",
      own.map((command) => `- ${linkTo(command)}: ${command.description}`).join("\n"),
      ...othersList,
      "For free answers pick a language model below the input box.",
    ].join("\n\n"),
  };
}

/** The answer to a text that means another agent's command. */
export function offerOtherAgent(intent: { participant: string; command: string; prompt: string }): Reply {
  const { participant, command, prompt } = intent;
  const link = commandLink(`@${participant} /${command}`, ASK_AGENT_COMMAND, { agent: participant, command, prompt });
  return { markdown: `That is a task for **@${participant}**: ${link}` };
}

/** What an agent can do next with the work that was handed to it. */
export function offerNextSteps(packet: HandoffPacket, participant: string, commands: readonly CommandSummary[]): Reply {
  const own = commands.filter((command) => command.participant === participant);
  const fitting = fittingCommands(packet).filter(({ name }) => own.some((command) => command.name === name));
  const steps = fitting.map(({ name, prompt }) => {
    const description = own.find((command) => command.name === name)?.description ?? "";
    return `- ${linkTo({ name, participant, prompt })}${prompt === "" ? "" : ` with ${inlineCode(prompt)}`}: ${description}`;
  });
  const rest = own.filter(({ name }) => !fitting.some((each) => each.name === name)).map(linkTo);
  return {
    markdown: [
      ...(steps.length === 0 ? [] : ["What fits the work that came along:", steps.join("\n")]),
      ...(rest.length === 0 ? [] : [`${steps.length === 0 ? "What can be done here" : "And"}: ${rest.join(" · ")}`]),
    ].join("\n\n"),
  };
}

/** Commands that mean something for what a packet carries, with the argument that names it. */
function fittingCommands(packet: HandoffPacket): { name: string; prompt: string }[] {
  const { run, checkpoint, flow } = packet;
  return [
    ...(run === undefined ? [] : ["runs", "diagnose", "receipt", "resume"].map((name) => ({ name, prompt: run.id }))),
    ...(checkpoint === undefined
      ? []
      : ["checkpoints", "validate", "evaluate"].map((name) => ({ name, prompt: checkpoint.path }))),
    ...(flow === undefined ? [] : ["check", "graph", "run", "results"].map((name) => ({ name, prompt: flow }))),
  ];
}

function linkTo(command: { name: string; participant: string; prompt?: string }): string {
  const { name, participant, prompt = "" } = command;
  return commandLink(`/${name}`, ASK_AGENT_COMMAND, { agent: participant, command: name, prompt });
}
