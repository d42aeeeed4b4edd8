import { commandLink, escapeMarkdown, inlineCode } from "../base/markdown.ts";
import { ASK_AGENT_COMMAND, BUILT_IN_NAME } from "./builtInNames.ts";
import { fittingCommandNames, isPossible, type WorkspaceSituation } from "./fittingCommands.ts";
import type { HandoffPacket } from "./handoffPacket.ts";
import type { Reply } from "./reply.ts";
import type { SlashCommand } from "./slashCommand.ts";

export const BUILT_IN_NOTICE = `_${BUILT_IN_NAME}: no language model is at work here. Plain requests are matched to commands by fixed rules._\n\n`;

type CommandSummary = Pick<SlashCommand, "name" | "participant" | "description">;

/** An agent that fits the workspace, with what speaks for it. */
export type Fitting = { name: string; reason: string };

/** Asks for every command; what the short answer links to. */
const HELP = "help";

export function asksForHelp(text: string): boolean {
  return /^(?:help|(?:show |list )?(?:all |the )?commands)[?!. ]*$/i.test(text.trim());
}

/** A plain request of each participant that its rules understand. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "ml-trainer": "how is it going?",
  "metaflow-agent": "check my flow",
  "mlops-engineer": "what do you know about this project?",
};

/** What is known where a text means no command. `fitting`: agents that something in the workspace speaks for, best first. */
export type Orientation = { situation: WorkspaceSituation; fitting: readonly Fitting[] };

/** The answer to a text that means no command: what fits here now, and the way to the rest. */
export function introduceCommands(
  participant: string,
  commands: readonly CommandSummary[],
  { situation, fitting }: Orientation,
): Reply {
  const own = commands.filter((command) => command.participant === participant);
  const offered = fittingCommandNames(participant, situation).flatMap(
    (name) => own.find((command) => command.name === name) ?? [],
  );
  const example = EXAMPLES[participant];
  const requests = example === undefined ? "" : ` and plain requests such as ${inlineCode(example)}`;
  const better = fitting.find(({ name }) => commands.some((command) => command.participant === name));
  return {
    markdown: [
      `Hello! Without a language model @${participant} understands commands${requests}. ${offered.length === 0 ? "" : "What fits here now:"}`.trim(),
      ...(offered.length === 0
        ? []
        : [offered.map((command) => `- ${linkTo(command)}: ${command.description}`).join("\n")]),
      ...(better === undefined || better.name === participant
        ? []
        : [`**@${better.name}** fits here too: ${escapeMarkdown(better.reason)}.`]),
      `${askLink("All commands", { agent: participant, prompt: HELP })} · Pick a language model below for free answers.`,
    ].join("\n\n"),
  };
}

/** The answer to `help`: everything that can be done, each with a link that does it. */
export function listCommands(
  participant: string,
  commands: readonly CommandSummary[],
  { situation, fitting }: Orientation,
): Reply {
  const possible = commands.filter((command) => isPossible(command, situation));
  const own = possible.filter((command) => command.participant === participant);
  const ranked = [...fitting.map(({ name }) => name), ...possible.map((command) => command.participant)];
  const others = [...new Set(ranked)].filter(
    (name) => name !== participant && possible.some((command) => command.participant === name),
  );
  const othersList = others.map((name) => {
    const links = possible.filter((command) => command.participant === name).map(linkTo);
    const reason = fitting.find((each) => each.name === name)?.reason;
    return `**@${name}**${reason === undefined ? "" : ` (fits here: ${escapeMarkdown(reason)})`}: ${links.join(" · ")}`;
  });
  return {
    markdown: [
      "What works without a language model:",
      own.map((command) => `- ${linkTo(command)}: ${command.description}`).join("\n"),
      ...othersList,
    ].join("\n\n"),
  };
}

/** The answer to a wish for another step of a flow. */
export function offerAddStep({ hasFlows }: WorkspaceSituation): Reply {
  return {
    markdown: hasFlows
      ? "**Trainyard: Add Step to Metaflow Flow…** adds a step, a `foreach`, a branch or a switch with its join, and shows the change before it is written."
      : "There is no flow here yet. **Trainyard: New Metaflow Flow…** writes one, with a `foreach` where you choose that template.",
    buttons: hasFlows
      ? [{ title: "Add Step to Metaflow Flow…", command: "trainyard.addToFlow" }]
      : [{ title: "New Metaflow Flow…", command: "trainyard.newFlow" }],
  };
}

/** The answer to a wish to see the graph of a flow. */
export function offerFlowGraph({ hasFlows }: WorkspaceSituation): Reply {
  return hasFlows
    ? {
        markdown: "**Trainyard: Show Flow Graph** draws the steps of a flow and follows your edits.",
        buttons: [{ title: "Show Flow Graph", command: "trainyard.showFlowGraph" }],
      }
    : {
        markdown:
          "There is no flow here yet, so there is no graph to show. **Trainyard: New Metaflow Flow…** writes a flow.",
        buttons: [{ title: "New Metaflow Flow…", command: "trainyard.newFlow" }],
      };
}

/** The answer to a wish to hand the work over; the buttons for it stand below. */
export function introduceHandoffs(): Reply {
  return { markdown: "Choose below who takes over: the latest run and its checkpoint go along." };
}

/** The answer to a text that means another agent's command. */
export function offerOtherAgent(intent: { participant: string; command: string; prompt: string }): Reply {
  const { participant, command, prompt } = intent;
  const link = askLink(`@${participant} /${command}`, { agent: participant, command, prompt });
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
    ...(checkpoint === undefined ? [] : ["checkpoints", "evaluate"].map((name) => ({ name, prompt: checkpoint.path }))),
    ...(flow === undefined ? [] : ["check", "run", "results"].map((name) => ({ name, prompt: flow }))),
  ];
}

function linkTo(command: { name: string; participant: string; prompt?: string }): string {
  const { name, participant, prompt = "" } = command;
  return askLink(`/${name}`, { agent: participant, command: name, prompt });
}

function askLink(title: string, request: { agent: string; command?: string; prompt: string }): string {
  return commandLink(title, ASK_AGENT_COMMAND, request);
}
