import { UserError } from "../base/errors.ts";

/** Where a new agent is written, relative to the workspace folder. VS Code reads the same folder. */
export function agentTemplatePath(name: string): string {
  if (!/^[A-Za-z0-9][\w-]{0,63}$/.test(name)) {
    throw new UserError(
      `\`${name}\` cannot be the name of an agent file. Use letters, digits and dashes, for example \`eval-agent\`.`,
    );
  }
  return `.github/agents/${name}.agent.md`;
}

export type AgentTemplateRequest = {
  name: string;
  /** What the handoff that led here asks for; becomes the first draft of the agent's task. */
  task: string;
  /** Who handed over; the new agent gets a button that hands the result back. */
  from?: string;
};

/** A complete agent file that works as it is, in this chat and as a custom agent of VS Code. */
export function renderAgentTemplate(request: AgentTemplateRequest): string {
  const { name, from } = request;
  const task = request.task.replaceAll(/\s+/g, " ").trim();
  const title = name.replaceAll("-", " ");
  const handoffs =
    from === undefined
      ? []
      : [
          "handoffs:",
          `  - label: "Return to ${from}"`,
          `    agent: ${JSON.stringify(from)}`,
          `    prompt: ${JSON.stringify(`Please continue with the result of ${name}.`)}`,
          "    send: false",
        ];
  return [
    "---",
    `name: ${JSON.stringify(name)}`,
    `description: ${JSON.stringify(`Takes over when asked: ${task}`)}`,
    'tools: ["read", "search", "trainyard.trainyard/trainyardProjectFacts"]',
    ...handoffs,
    "---",
    "",
    `You are the ${title} of this project. Your task: ${task}`,
    "",
    "- Read what the handoff packet and the workspace say before you answer, and name the file and line of each fact.",
    "- Make the smallest change that does the task, in the style the project already has.",
    "- Ask before you change behaviour that the task does not mention.",
    "- Return what you found, what you changed, how you checked it, and what stays open.",
    "",
  ].join("\n");
}
