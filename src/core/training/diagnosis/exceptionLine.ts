/** `ValueError: bad shape`, `torch.OutOfMemoryError: …`, `KeyboardInterrupt`; the last line of a Python traceback. */
const EXCEPTION = /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Failure)(?::\s|$)/;
const AFTER_TRACEBACK = /^(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?::\s|$)/;

/** True for the line that names an exception; right behind a traceback any name counts. */
export function isExceptionLine(text: string, isInTraceback: boolean): boolean {
  return EXCEPTION.test(text) || (isInTraceback && AFTER_TRACEBACK.test(text));
}

/** True for the line that opens a traceback. */
export function opensTraceback(text: string): boolean {
  return text.includes("Traceback (most recent call last)");
}
