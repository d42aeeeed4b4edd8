import type { HandoffPacket } from "./handoffPacket.ts";
import type { FileReference, Reply } from "./reply.ts";
import type { ShippedAgent } from "./specialists.ts";

export type SlashRequest = {
  /** What the person wrote after the command. */
  prompt: string;
  /** Absent where the person typed the command; true where fixed rules read it out of a free text. */
  isRouted?: true;
  /** Files the person attached. */
  references: readonly FileReference[];
  /** The packet of the handoff that this conversation began with. */
  packet?: HandoffPacket;
  /** Shows Markdown before the answer is complete. Absent where an answer is shown at once. */
  progress?: (markdown: string) => void;
  /** Absent where no language model is picked. */
  askModel?: AskModel;
};

/**
 * One request to the picked model in the role of an agent, with the tools of that agent, until it has answered.
 * Contract: resolves with `failed` and a sentence rather than rejecting, except when the signal aborts.
 */
export type AskModel = (
  asked: {
    agent: string;
    prompt: string;
    /** Tools besides those that the agent's file names. */
    extraTools: readonly string[];
    /** About how many tokens its requests may take together; then it has to conclude. */
    maxTokens: number;
    /** Whether a tool is offered; with an input, whether this call of it may be made now. */
    mayCall: (tool: string, input?: object) => Promise<boolean>;
    /** The input that a call is made with, which may say more than the model has. */
    fillIn: (tool: string, input: object) => object;
    /** A tool was called that is not there for this agent, or not in this way; it is refused in any case. */
    onRefusedTool: (tool: string, input: object) => Promise<void>;
    /** The person was asked about a call, and declined it. */
    onDeclinedTool: (tool: string, input: object) => Promise<void>;
  },
  signal: AbortSignal,
) => Promise<
  ({ kind: "answered"; text: string; endsInTools?: boolean } | { kind: "failed"; reason: string }) & {
    tokens: number;
    model?: string;
  }
>;

/** A command of a participant, `@<participant> /<name>`: answered without any model. */
export type SlashCommand = {
  name: string;
  participant: string;
  /** What it does, as the end of "`/name`: …". */
  description: string;
  /** Whether handing on makes sense after this answer. Default true; false for look-ups. */
  offersHandoffs?: boolean;
  /** The agents whose work usually follows this answer, the likeliest first; their buttons are the ones shown. */
  followedBy?: readonly ShippedAgent[];
  /** Contract: refuses by throwing UserError; ends soon after the signal aborts. */
  answer(request: SlashRequest, signal: AbortSignal): Promise<Reply>;
};
