import { placeholderNames, replacePlaceholders } from "../agents/placeholders.ts";
import { isPlaceholder, PLACEHOLDERS, type Placeholder, type WorkspaceFacts } from "../knowledge/fact.ts";
import { placeholderText } from "../knowledge/resolveFacts.ts";

/** Whether instructions ask for a fact about the workspace. */
export function asksForFacts(instructions: string): boolean {
  return placeholderNames(instructions).some(isPlaceholder);
}

/** Instructions with facts in place of their placeholders. What is not known says so, and what would tell it. */
export function fillPlaceholders(instructions: string, folders: readonly WorkspaceFacts[]): string {
  return replacePlaceholders(instructions, (name) => (isPlaceholder(name) ? valueOf(name, folders) : undefined));
}

/** What each placeholder is replaced by. */
export function placeholderValues(folders: readonly WorkspaceFacts[]): { name: string; meaning: string }[] {
  return PLACEHOLDERS.map((name) => ({ name, meaning: valueOf(name, folders) }));
}

function valueOf(name: Placeholder, folders: readonly WorkspaceFacts[]): string {
  const known = folders.filter(({ unknown }) => !unknown.some(({ key }) => key === name));
  if (known.length > 0) {
    return [...new Set(known.map((facts) => placeholderText(facts, name)))].join("; ");
  }
  const hint = folders.flatMap(({ unknown }) => unknown).find(({ key }) => key === name)?.hint;
  return `unknown (${hint ?? "No folder is open."})`;
}
