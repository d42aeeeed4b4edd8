/**
 * A refusal the reader can act on. The message is shown as it is to a person or a model, so it says
 * what happened, to what, and what to do next. Any other thrown error is a bug.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
  /** The command of the editor that does what the message says to do next; a button beside it runs it. */
  readonly remedy: Remedy | undefined;

  constructor(message?: string, { remedy, ...options }: ErrorOptions & { remedy?: Remedy } = {}) {
    super(message, options);
    this.remedy = remedy;
  }
}

export type Remedy = { title: string; command: string };

/** Bytes that are not what their format demands; names the format and the byte offset where reading stopped. */
export class FormatError extends UserError {
  override readonly name = "FormatError";
  readonly format: string;
  readonly offset: number;

  constructor(format: string, offset: number, reason: string, options?: ErrorOptions) {
    super(`Not a valid ${format} file (byte ${offset}): ${reason}.`, options);
    this.format = format;
    this.offset = offset;
  }
}

/** The text of any thrown value, for logs and for wrapping into a sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
