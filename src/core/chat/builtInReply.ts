import { commandLink, escapeMarkdown, inlineCode, oneLine } from "../base/markdown.ts";
import { ASK_AGENT_COMMAND, BUILT_IN_NAME } from "./builtInNames.ts";
import { fittingCommandNames, isPossible, type WorkspaceSituation } from "./fittingCommands.ts";
import type { HandoffPacket } from "./handoffPacket.ts";
import { findNearest } from "./nearestCommands.ts";
import type { Reply } from "./reply.ts";
import type { SlashCommand } from "./slashCommand.ts";
import type { Wish } from "./wishes.ts";

export const BUILT_IN_NOTICE = `_${BUILT_IN_NAME}: no language model is at work here. Plain requests are matched to commands by fixed rules._\n\n`;

type CommandSummary = Pick<SlashCommand, "name" | "participant" | "description">;

/** An agent that fits the workspace, with what speaks for it. */
export type Fitting = { name: string; reason: string };

/** Asks for every command; what the short answer links to. */
const HELP = "help";

export function asksForHelp(text: string): boolean {
  return /^(?:(?:please|pls|plz) )?(?:help|(?:show |list )?(?:all |the )?commands|hilfe|aide|ayuda)(?: (?:please|pls|plz))?[?!. ]*$/i.test(
    text.trim(),
  );
}

/** Of what comes nearest by its words. */
const MAX_NEAREST = 3;

/** A plain request of each participant that its rules understand. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "ml-trainer": "how is it going?",
  "metaflow-agent": "check my flow",
  "mlops-engineer": "what do you know about this project?",
};

/** What is known where a text means no command. `fitting`: agents that something in the workspace speaks for, best first. */
export type Orientation = { situation: WorkspaceSituation; fitting: readonly Fitting[] };

/** The answer to a text that means no command: what comes nearest or fits here now, and the way to the rest. */
export function introduceCommands(
  participant: string,
  commands: readonly CommandSummary[],
  { situation, fitting, misunderstood = "" }: Orientation & { misunderstood?: string },
): Reply {
  const own = commands.filter((command) => command.participant === participant);
  const nearest = findNearest(
    misunderstood,
    own.filter((command) => isPossible(command, situation)),
  );
  const lead = misunderstood === "" ? "Hello!" : admission(misunderstood, nearest);
  const fittingHere = fittingCommandNames(participant, situation).flatMap(
    (name) => own.find((command) => command.name === name) ?? [],
  );
  const isNear = nearest.commands.length > 0;
  const offered = isNear ? nearest.commands.slice(0, MAX_NEAREST) : fittingHere;
  const intro = offered.length === 0 ? "" : isNear ? "Nearest is:" : "What fits here now:";
  const example = EXAMPLES[participant];
  const requests = example === undefined ? "" : ` and plain requests such as ${inlineCode(example)}`;
  const about = nearest.isForeign ? "" : `Without a language model @${participant} understands commands${requests}. `;
  const better = fitting.find(({ name }) => commands.some((command) => command.participant === name));
  return {
    markdown: [
      `${lead} ${about}${intro}`.trim(),
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

/** What may follow a greeting or thanks without asking for anything. */
const PLEASANTRY = String.raw`(?:[\s,!.]+(?:there|again|all|everyone|so much|very much|a lot|great|nice|thanks|that (?:was|is) \w+|for (?:that|this|the help)|@?\w+-[\w-]+))*[^a-z]*$`;
const GREETING = new RegExp(
  `^(?:hi|hiya|hello|hey|yo|good (?:morning|afternoon|evening)|hallo|moin|servus|guten (?:tag|morgen|abend)|bonjour|salut|hola|buenos d[ií]as|ciao)${PLEASANTRY}`,
  "i",
);
const THANKS = new RegExp(`^(?:thanks?(?: you)?|thx|cheers|great|cool|nice|perfect)${PLEASANTRY}`, "i");
const ABOUT_ITSELF =
  /^(?:(?:hi|hello|hey|so|and|ok|okay)[\s,!.]+)?(?:who are you|what (?:are you|can (?:you|u|i) do|now|next|should i do(?: next| now)?|do you do)|what's next|how (?:do i use|does) (?:you|this|it)(?: work)?|help me|where do i (?:start|begin))(?: (?:here|now|for me|please))?[^a-z]*$/i;

export function isGreeting(text: string): boolean {
  const said = text.trim();
  return said === "" || GREETING.test(said) || ABOUT_ITSELF.test(said);
}

export function isThanks(text: string): boolean {
  return THANKS.test(text.trim());
}

/** The answer to thanks, after which nobody wants the list of commands again. */
export const WELCOME: Reply = { markdown: "You are welcome.", offersHandoffs: false };

const AGREEMENT =
  /^(?:yes|yep|yeah|ok|okay|sure|go|go ahead|start|do|run|agreed?|approved?|looks good|lgtm|fine|proceed|confirm(?:ed)?|let's go)(?:[\s,!.]+(?:yes|please|go|ahead|start|do|run|it|that|this|now|then|training))*[\s!.]*$/i;

/** "Yes, go ahead": which starts nothing by itself. */
export function isAgreement(text: string): boolean {
  return AGREEMENT.test(text.trim());
}

/** The answer to who agrees where nothing was asked. */
export const NOTHING_TO_AGREE_TO: Reply = {
  markdown:
    "Nothing here waits for a yes, so nothing was done. What can be started is shown first, with a button that starts it.",
  offersHandoffs: false,
};

/** The answer to who agrees in words to what stands above; another plan here would not be the one that was agreed to. */
export function pointToButton(title: string): Reply {
  return {
    markdown: `A word in the chat starts nothing. Press **${escapeMarkdown(title)}** under the plan above; it starts exactly what is shown there.`,
    offersHandoffs: false,
  };
}

const TAKES_BACK =
  /^(?:(?:actually|hm+|no|nope|oh|ok|okay|please|pls|sorry|then|wait|well)[\s,.!]+)*(?:(?:abort|cancel|discard|drop|revoke|scrap|undo|withdraw)(?:\s+(?:it|that|this|(?:(?:the|this|that|my)\s+)?(?:experiment|job|plan|proposal|run|search|sweep|training)))?|never\s?mind|forget (?:about )?(?:it|that))(?:[\s,]+(?:again|for now|now|please|thanks|then))*[\s!.]*$/i;

/** "Cancel that", which is said of what was just proposed and not of a run that goes on. */
export function isTakingBack(text: string): boolean {
  return TAKES_BACK.test(text.trim());
}

/** The answer to who takes back what stands above. Whether its button was pressed meanwhile is not known here. */
export function takeBack(
  startButton: string | undefined,
  participant: string,
  commands: readonly CommandSummary[],
): Reply {
  const pressed = startButton === undefined ? "a button there" : `**${escapeMarkdown(startButton)}**`;
  const stop = commands.find(({ name }) => name === "stop");
  return {
    markdown: [
      `Nothing was started, unless you pressed ${pressed} already, and nothing was stopped. What is proposed above starts only by its button.`,
      ...(stop === undefined ? [] : [`To stop a run that is going on: ${linkToAny(stop, participant)}`]),
    ].join("\n\n"),
    offersHandoffs: false,
  };
}

function admission(text: string, { isForeign }: { isForeign: boolean }): string {
  const language = isForeign ? " Without a language model plain requests are understood in English only." : "";
  return `I did not understand ${inlineCode(oneLine(text, 80))}, so nothing was done.${language}`;
}

/** The answer to a text that no rule understands, once the person has been greeted: what comes nearest by its words. */
export function admitMisunderstanding(
  text: string,
  participant: string,
  commands: readonly CommandSummary[],
  { situation }: Pick<Orientation, "situation">,
): Reply {
  const possible = commands.filter((command) => isPossible(command, situation));
  const own = possible.filter((command) => command.participant === participant);
  const nearest = findNearest(text, [...own, ...possible.filter((command) => !own.includes(command))]);
  const near = nearest.commands;
  const fitting = fittingCommandNames(participant, situation).flatMap(
    (name) => own.find((command) => command.name === name) ?? [],
  );
  const shown = (near.length > 0 ? near : fitting).slice(0, MAX_NEAREST);
  const intro = near.length > 0 ? "Nearest is:" : "What fits here now:";
  return {
    markdown: [
      `${admission(text, nearest)} ${shown.length === 0 ? "" : intro}`.trim(),
      ...(shown.length === 0
        ? []
        : [shown.map((command) => `- ${linkToAny(command, participant)}: ${command.description}`).join("\n")]),
      `${askLink("All commands", { agent: participant, prompt: HELP })} · Pick a language model below for free answers.`,
    ].join("\n\n"),
    offersHandoffs: false,
  };
}

/** The answer to something that no command does. */
export function describeWish(
  { answer, near, buttons }: Wish,
  participant: string,
  commands: readonly CommandSummary[],
): Reply {
  const links = near.flatMap(({ name, ...wanted }) => {
    const command = commands.find((each) => each.name === name && each.participant === wanted.participant);
    return command === undefined ? [] : [`- ${linkToAny(command, participant)}: ${command.description}`];
  });
  return {
    markdown: [answer, ...(links.length === 0 ? [] : [`Nearest:\n\n${links.join("\n")}`])].join("\n\n"),
    ...(buttons === undefined ? {} : { buttons }),
    offersHandoffs: false,
  };
}

/** The answer where a text only says what not to do. */
export const NOTHING_DONE: Reply = {
  markdown: "Nothing was started, stopped or changed.",
  offersHandoffs: false,
};

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
export function introduceHandoffs({ hasRuns }: WorkspaceSituation): Reply {
  return {
    markdown: `Choose below who takes over${hasRuns ? ": the latest run and its checkpoint go along" : ""}.`,
  };
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

/** A link to a command of any agent, named with the agent where it is another one. */
function linkToAny(command: CommandSummary, participant: string): string {
  const { name, participant: owner } = command;
  return owner === participant
    ? linkTo(command)
    : askLink(`@${owner} /${name}`, { agent: owner, command: name, prompt: "" });
}

function linkTo(command: { name: string; participant: string; prompt?: string }): string {
  const { name, participant, prompt = "" } = command;
  return askLink(`/${name}`, { agent: participant, command: name, prompt });
}

function askLink(title: string, request: { agent: string; command?: string; prompt: string }): string {
  return commandLink(title, ASK_AGENT_COMMAND, request);
}
