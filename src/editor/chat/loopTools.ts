import * as vscode from "vscode";
import { messageOf } from "../../core/base/errors.ts";
import { cutText } from "../../core/chat/assemblePrompt.ts";
import { noteTool, type ToolNote } from "../../core/chat/turnMemory.ts";
import { isCancellation } from "../base/cancellation.ts";
import { log } from "../base/log.ts";
import { NO_SUCH_TOOL } from "./loopModel.ts";

/** A tool that the request loop calls through us. */
export type LoopTool = vscode.LanguageModelChatTool & {
  invoke(options: vscode.LanguageModelToolInvocationOptions<object>): Promise<vscode.LanguageModelToolResult>;
};

export type ToolGuard = {
  /** The request's own token: Stop reaches the tool that is running. */
  token: vscode.CancellationToken;
  maxResultCharacters: number;
  onResult(note: ToolNote): void;
  /** Hears of calls that the person was asked about and declined. */
  onDeclined?: (tool: string, input: object) => Promise<void>;
};

const STOPPED = "The person stopped the request; this call did not finish.";
const DECLINED = "The person declined this call. Do not repeat it. Go on without it, or ask what they want instead.";

/**
 * The tools of one request. They run one at a time, since two launches at once would race for a device, and whatever
 * happens to a tool becomes a text for the model: a failed call is a result and not the end of the request.
 */
export function guardTools(tools: readonly vscode.LanguageModelToolInformation[], guard: ToolGuard): LoopTool[] {
  let previous: Promise<unknown> = Promise.resolve();
  const inTurn = (run: () => Promise<string>) => {
    const result = previous.then(run);
    previous = result;
    return result.then(toResult);
  };
  const guarded = tools.map(
    ({ name, description, inputSchema }): LoopTool => ({
      name,
      description,
      inputSchema: inputSchema ?? { type: "object", properties: {} },
      invoke: (options) => inTurn(() => runTool(name, options, guard)),
    }),
  );
  return [...guarded, explainUnknownTool(tools.map((tool) => tool.name))];
}

function explainUnknownTool(names: readonly string[]): LoopTool {
  const known = names.length === 0 ? "There are no tools in this request." : `The tools are: ${names.join(", ")}.`;
  return {
    name: NO_SUCH_TOOL,
    description: "",
    inputSchema: { type: "object", properties: { name: { type: "string" } } },
    invoke: (options) => {
      const name = "name" in options.input ? String(options.input.name) : "";
      const refusal = names.includes(name)
        ? `\`${name}\` may not be called in this way now, so nothing was done. Do not repeat this call.`
        : `There is no tool \`${name}\` here, so nothing was done. ${known}`;
      return Promise.resolve(toResult(refusal));
    },
  };
}

/** Never rejects. */
async function runTool(
  name: string,
  options: vscode.LanguageModelToolInvocationOptions<object>,
  guard: ToolGuard,
): Promise<string> {
  const text = guard.token.isCancellationRequested ? STOPPED : await invokeTool(name, options, guard.token);
  if (text === DECLINED) {
    await guard.onDeclined?.(name, options.input);
  }
  const bounded = cutText(text === "" ? "The tool answered with nothing." : text, guard.maxResultCharacters).text;
  guard.onResult(noteTool(name, options.input, bounded));
  return bounded;
}

async function invokeTool(
  name: string,
  options: vscode.LanguageModelToolInvocationOptions<object>,
  token: vscode.CancellationToken,
): Promise<string> {
  const stop = stopped(token);
  try {
    // A tool that does not heed the token must not hold the request.
    const result = await Promise.race([vscode.lm.invokeTool(name, options, token), stop.promise]);
    return result === undefined ? STOPPED : result.content.map(contentToText).join("\n");
  } catch (error) {
    if (isCancellation(error)) {
      return token.isCancellationRequested ? STOPPED : DECLINED;
    }
    log().warn(`${name}: ${messageOf(error)}`);
    return `The tool failed: ${messageOf(error)}`;
  } finally {
    stop.dispose();
  }
}

function stopped(token: vscode.CancellationToken): { promise: Promise<undefined>; dispose(): void } {
  let listener: vscode.Disposable | undefined;
  const promise = new Promise<undefined>((resolve) => {
    listener = token.onCancellationRequested(() => resolve(undefined));
  });
  return { promise, dispose: () => listener?.dispose() };
}

/** The loop keeps only text; other content is at least named. */
function contentToText(part: unknown): string {
  if (part instanceof vscode.LanguageModelTextPart) {
    return part.value;
  }
  if (part instanceof vscode.LanguageModelDataPart) {
    const isText = /^text\/|json|\+xml$|\/xml$/.test(part.mimeType);
    return isText ? new TextDecoder().decode(part.data) : `[${part.mimeType}, ${part.data.length} bytes, not shown]`;
  }
  return part instanceof vscode.LanguageModelPromptTsxPart ? textsIn(part.value) : (JSON.stringify(part) ?? "");
}

/** The texts of a rendered prompt element, which other extensions' tools may answer with. */
function textsIn(element: unknown): string {
  const texts: string[] = [];
  JSON.stringify(element, (key, value: unknown) => {
    if (key === "text" && typeof value === "string") {
      texts.push(value);
    }
    return value;
  });
  return texts.join("");
}

function toResult(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}
