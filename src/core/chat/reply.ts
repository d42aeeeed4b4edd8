/**
 * What a slash command or the built-in model answers, as data. The chat draws it as Markdown and buttons;
 * the command line prints the same Markdown. A reply holds no logic and knows no editor.
 */
export type Reply = {
  markdown: string;
  buttons?: readonly ReplyButton[];
  /** Files the answer was read from; each becomes a link. Lines count from zero. */
  references?: readonly FileReference[];
  /** False where the answer leaves nothing to hand over; otherwise the command decides. */
  offersHandoffs?: false;
  /** Shows a plan that no button below it starts: who says "cancel" next takes it back, and stops no run. */
  isProposal?: true;
  /** Short questions the person may ask next, offered above the input. */
  followups?: readonly { label: string; command?: string; prompt: string }[];
};

/** Arguments must be JSON: the chat keeps buttons across reloads. */
export type ReplyButton = { title: string; command: string; arguments?: readonly unknown[] };

export type FileReference = { path: string; line?: number };
