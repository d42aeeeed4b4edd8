import type { z } from "zod";
import type { UserError } from "../base/errors.ts";

/** What a tool answers: text that a model can act on, beside data for tests, cards and the command line. */
export type ToolResult = { text: string; data?: unknown };

export type ToolConfirmation = { title: string; message: string };

/**
 * A language-model tool. `package.json` is generated from these fields and a test holds both equal.
 * The one adapter in `editor/tools` validates the input, asks, runs and turns failures into text.
 */
export type Tool<Input> = {
  name: `trainyard_${string}`;
  /** How a person and the agent host refer to it; unique across extensions, therefore prefixed. */
  referenceName: `trainyard${string}`;
  displayName: string;
  /** Written for the model: what it does, when to use it, what it returns, its limits. */
  modelDescription: string;
  userDescription: string;
  icon: string;
  input: z.ZodType<Input>;
  /**
   * Hears of each call that is refused: whose input does not have the form, and what `confirm` and `run` refuse. May give a
   * better reason than that one. Contract: no side effect but a note of the attempt.
   */
  onRefused?(input: unknown, refusal: UserError): Promise<string | undefined>;
  /** One present participle sentence while it runs: "Starting train.py". */
  progress(input: Input): string;
  /**
   * What the person is asked before the tool writes, launches or stops; absent for tools that only read,
   * undefined for an input that only reads.
   * Contract: no side effects, returns within a second.
   */
  confirm?(input: Input, signal: AbortSignal): Promise<ToolConfirmation | undefined>;
  /**
   * Contract: hard limits are checked here and not only in `confirm`, since a confirmation can be approved
   * automatically. Refuses by throwing UserError.
   */
  run(input: Input, signal: AbortSignal): Promise<ToolResult>;
};

/** Types its argument, so that a tool file reads as one literal. */
export function defineTool<Input>(tool: Tool<Input>): Tool<Input> {
  return tool;
}
