/** What people write when they mean a command. Rules are tried in their order, the first that matches decides. */
export type IntentRule = {
  command: string;
  pattern: RegExp;
  /** Words that give the same text another meaning, which a later rule knows. */
  unless?: RegExp;
  /**
   * Uses words that mean different things to different agents ("run it"), so it counts only where the agent that was
   * asked has the command itself.
   */
  isLoose?: boolean;
  /** Only looks: changes nothing and starts nothing. */
  isReading?: boolean;
  /** A question asks for it too ("is my flow valid?"), as for everything that only looks. */
  answersQuestions?: boolean;
  /** The only agent that means this command by the words. */
  asked?: string;
  /** Who is offered when the agent that was asked does not have the command. */
  owner?: string;
};

/** Rules of commands that only look. */
export function reading(rules: readonly IntentRule[]): IntentRule[] {
  return rules.map((rule) => ({ ...rule, isReading: true }));
}
