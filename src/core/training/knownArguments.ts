import type { LaunchPlan } from "./launchPlan.ts";
import type { ScriptArgument } from "./scriptArguments.ts";

/** What a script takes, for a person who is about to type: `--epochs (30)`, `--resume`; those with a value first. */
export function listKnownArguments(used: LaunchPlan["arguments"], declared: readonly ScriptArgument[]): string[] {
  const listed = new Set(used.map(({ flag }) => flag));
  const others = declared.filter(({ flag, negative, aliases }) =>
    [flag, negative, ...aliases].every((spelling) => spelling === undefined || !listed.has(spelling)),
  );
  return [
    ...used.map(({ flag, value }) => (value === undefined ? flag : `${flag} (${value})`)),
    ...others.map(({ flag }) => flag),
  ];
}
