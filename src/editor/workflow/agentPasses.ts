import { randomUUID } from "node:crypto";

/** Who is at work: an agent with a task of a workflow. */
export type AgentAtWork = { workflow: string; agent: string };

const passes = new Map<string, AgentAtWork>();

/**
 * Lets calls of the workflow's tool be known for those of an agent at work, for as long as it is: two workflows may have
 * agents of one name at work, and another model of the window could call itself by that name.
 */
export function issuePass(atWork: AgentAtWork): { pass: string; end: () => void } {
  const pass = randomUUID();
  passes.set(pass, atWork);
  return { pass, end: () => passes.delete(pass) };
}

export function holderOf(pass: string | undefined): AgentAtWork | undefined {
  return pass === undefined ? undefined : passes.get(pass);
}
