import { MarkdownString } from "./fakeVscodeTypes.ts";

/** The chat and language-model classes of the fake `vscode`. */

export class ChatRequestTurn {
  readonly prompt: string;
  readonly command: string | undefined;
  readonly references: readonly unknown[];
  readonly participant: string;
  readonly toolReferences: readonly unknown[] = [];
  constructor(prompt: string, participant: string, more: { command?: string; references?: readonly unknown[] } = {}) {
    this.prompt = prompt;
    this.participant = participant;
    this.command = more.command;
    this.references = more.references ?? [];
  }
}

export class ChatResponseMarkdownPart {
  readonly value: MarkdownString;
  constructor(value: string | MarkdownString) {
    this.value = typeof value === "string" ? new MarkdownString(value) : value;
  }
}

export class ChatResponseAnchorPart {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

export class ChatResponseTurn {
  readonly response: readonly unknown[];
  readonly result: { metadata?: unknown };
  readonly participant: string;
  constructor(response: readonly unknown[], result: { metadata?: unknown }, participant: string) {
    this.response = response;
    this.result = result;
    this.participant = participant;
  }
}

export class LanguageModelTextPart {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

export class LanguageModelToolCallPart {
  readonly callId: string;
  readonly name: string;
  readonly input: object;
  constructor(callId: string, name: string, input: object) {
    this.callId = callId;
    this.name = name;
    this.input = input;
  }
}

export class LanguageModelToolResultPart {
  readonly callId: string;
  readonly content: readonly unknown[];
  constructor(callId: string, content: readonly unknown[]) {
    this.callId = callId;
    this.content = content;
  }
}

export class LanguageModelPromptTsxPart {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

export class LanguageModelDataPart {
  readonly data: Uint8Array;
  readonly mimeType: string;
  constructor(data: Uint8Array, mimeType: string) {
    this.data = data;
    this.mimeType = mimeType;
  }
}

export class LanguageModelToolResult {
  readonly content: readonly unknown[];
  constructor(content: readonly unknown[]) {
    this.content = content;
  }
}

export const LanguageModelChatMessageRole = { User: 1, Assistant: 2 } as const;
export const LanguageModelChatToolMode = { Auto: 1, Required: 2 } as const;

export class LanguageModelChatMessage {
  role: number;
  content: unknown[];
  name: string | undefined;
  constructor(role: number, content: string | unknown[], name?: string) {
    this.role = role;
    this.content = typeof content === "string" ? [new LanguageModelTextPart(content)] : content;
    this.name = name;
  }
  static User(content: string | unknown[], name?: string): LanguageModelChatMessage {
    return new LanguageModelChatMessage(LanguageModelChatMessageRole.User, content, name);
  }
  static Assistant(content: string | unknown[], name?: string): LanguageModelChatMessage {
    return new LanguageModelChatMessage(LanguageModelChatMessageRole.Assistant, content, name);
  }
}

export class LanguageModelError extends Error {
  readonly code: string;
  constructor(message: string, code = "Unknown") {
    super(message);
    this.code = code;
  }
}
