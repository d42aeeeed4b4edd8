import * as z from "zod";

/** The argument of `trainyard.handoff`: small JSON, since the chat keeps buttons across reloads. */
export const handoffArgumentsSchema = z.object({
  from: z.string(),
  to: z.string(),
  label: z.string(),
  prompt: z.string(),
  send: z.boolean().default(false),
  /** Absent: the latest run. */
  runId: z.string().optional(),
  /** `answer`: a button below a participant's own answer, so the focused session is known to have participants. */
  origin: z.enum(["answer", "elsewhere"]).default("elsewhere"),
  goal: z.string().optional(),
  summary: z.string().optional(),
  /** The handoff that the conversation began with; its facts go along. */
  earlierPacketId: z.string().optional(),
  /** The answer above replied to that handoff itself: no person has written anything since. */
  isAfterHandoff: z.boolean().optional(),
  /** False: the person had picked `Built-in (no AI)` for the answer above. */
  isModelPicked: z.boolean().optional(),
});

export type HandoffArguments = z.infer<typeof handoffArgumentsSchema>;

/** The argument of `trainyard.handoff` where the person still chooses which handoff of `from` it is. */
export const handoffChoiceSchema = handoffArgumentsSchema
  .pick({
    from: true,
    runId: true,
    origin: true,
    goal: true,
    summary: true,
    earlierPacketId: true,
    isAfterHandoff: true,
    isModelPicked: true,
  })
  .extend({ choose: z.literal(true) });

export type HandoffChoice = z.infer<typeof handoffChoiceSchema>;

/** What a button carries of the answer above it. */
const MAX_GOAL_CHARACTERS = 600;
const MAX_SUMMARY_CHARACTERS = 2_000;

export function boundConversation(goal: string, answer: string): { goal?: string; summary?: string } {
  const bounded = {
    goal: goal.trim().slice(0, MAX_GOAL_CHARACTERS),
    summary: answer.trim().slice(-MAX_SUMMARY_CHARACTERS),
  };
  return {
    ...(bounded.goal === "" ? {} : { goal: bounded.goal }),
    ...(bounded.summary === "" ? {} : { summary: bounded.summary }),
  };
}
