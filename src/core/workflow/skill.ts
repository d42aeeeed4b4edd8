import { isMap, parseDocument } from "yaml";
import * as z from "zod";
import { oneLine } from "../base/markdown.ts";

/** Knowledge that a workspace keeps for agents, in a `SKILL.md` with its name and what it is about. */
export type Skill = { name: string; description: string; path: string };

/** The front matter is at the beginning of a file, and no longer than this. */
export const MAX_HEAD_BYTES = 8_192;

const FRONT_MATTER = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;
const headSchema = z.object({ name: z.string().trim().min(1), description: z.string().trim().min(1) });

/** Undefined for a file that does not say what it is about: an agent could not know when to read it. */
export function parseSkill(text: string, path: string): Skill | undefined {
  const [, head = ""] = FRONT_MATTER.exec(text.slice(0, MAX_HEAD_BYTES)) ?? [];
  const document = parseDocument(head, { logLevel: "silent" });
  if (document.errors.length > 0 || !isMap(document.contents)) {
    return undefined;
  }
  // The two values as they stand there: an alias, which may lead nowhere or to very much, is no text.
  const { data } = headSchema.safeParse({
    name: document.contents.get("name"),
    description: document.contents.get("description"),
  });
  return data && { name: oneLine(data.name, 100), description: oneLine(data.description, 300), path };
}

/** For a brief: what there is to read, and how. */
export function renderSkills(skills: readonly Skill[]): string {
  return [
    "This workspace keeps knowledge for its agents. Where one of these is about your task, read it first, with `trainyard_workflow` and the action `read_file`:",
    ...skills.map(({ name, description, path }) => `- ${path}: ${name}: ${description}`),
  ].join("\n");
}
