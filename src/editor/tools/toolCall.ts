import * as vscode from "vscode";
import * as z from "zod";
import { messageOf, UserError } from "../../core/base/errors.ts";
import type { Tool } from "../../core/tools/tool.ts";

/** More than this is cut: a model's context is not a log viewer. */
const MAX_RESULT_CHARACTERS = 16_000;

export type ToolCall = { input: unknown; signal: AbortSignal; reportBug: (error: unknown) => void };

/**
 * What VS Code shows before a call: the progress line, and the question where the tool has one. Throws where the
 * question cannot be put: VS Code then ends the call with that sentence, while it runs a call without a question unasked.
 */
export async function prepareCall(
  findTool: () => Promise<Tool<unknown>>,
  call: ToolCall,
): Promise<vscode.PreparedToolInvocation> {
  let tool: Tool<unknown> | undefined;
  try {
    call.signal.throwIfAborted();
    tool = await findTool();
    return await prepare(tool, call);
  } catch (error) {
    throw call.signal.aborted
      ? new vscode.CancellationError()
      : new UserError(await describeFailure(tool, error, call), { cause: error });
  }
}

async function prepare(tool: Tool<unknown>, { input, signal }: ToolCall): Promise<vscode.PreparedToolInvocation> {
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) {
    // Nothing is asked for a call that `invoke` is going to refuse; it tells the model what was wrong.
    return { invocationMessage: tool.displayName };
  }
  const invocationMessage = tool.progress(parsed.data);
  const asked = await tool.confirm?.(parsed.data, signal);
  if (asked === undefined) {
    return { invocationMessage };
  }
  const { title, message } = asked;
  return { invocationMessage, confirmationMessages: { title, message: new vscode.MarkdownString(message) } };
}

/** Finds the tool, validates, runs and answers in text. Throws only when the call was cancelled. */
export async function runCall(findTool: () => Promise<Tool<unknown>>, call: ToolCall): Promise<string> {
  let tool: Tool<unknown> | undefined;
  try {
    call.signal.throwIfAborted();
    tool = await findTool();
    const parsed = tool.input.safeParse(call.input);
    if (!parsed.success) {
      return await explainRefusal(
        tool,
        call,
        new UserError(
          `The input of ${tool.name} is not valid, nothing was done:\n${z.prettifyError(parsed.error)}\nCorrect it and call again.`,
        ),
      );
    }
    return bounded((await tool.run(parsed.data, call.signal)).text);
  } catch (error) {
    if (call.signal.aborted) {
      throw new vscode.CancellationError();
    }
    return describeFailure(tool, error, call);
  }
}

async function describeFailure(tool: Tool<unknown> | undefined, error: unknown, call: ToolCall): Promise<string> {
  const title = tool?.displayName ?? "The tool";
  if (error instanceof UserError) {
    return `${title} was refused: ${await explainRefusal(tool, call, error)}`;
  }
  call.reportBug(error);
  return `${title} failed because of a fault in Trainyard: ${messageOf(error)}. Tell the person; the details are in the Trainyard log.`;
}

/** Every refusal of a tool passes here, so that the tool can note it. What cannot be noted is refused all the same. */
async function explainRefusal(
  tool: Tool<unknown> | undefined,
  { input, reportBug }: ToolCall,
  refusal: UserError,
): Promise<string> {
  try {
    return (await tool?.onRefused?.(input, refusal)) ?? refusal.message;
  } catch (error) {
    reportBug(error);
    return refusal.message;
  }
}

function bounded(text: string): string {
  return text.length <= MAX_RESULT_CHARACTERS
    ? text
    : `${text.slice(0, MAX_RESULT_CHARACTERS)}\n… cut: ${text.length - MAX_RESULT_CHARACTERS} more characters.`;
}
