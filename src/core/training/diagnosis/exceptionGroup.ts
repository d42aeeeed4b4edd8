/** How Python draws the tracebacks of an ExceptionGroup (traceback.TracebackException.format, Python 3.11 and later). */
const OPENS_GROUP = /^\s+\+ (?=Exception Group Traceback)/;
const INSIDE = /^\s+\| ?/;
/** `  +-+---------------- 1 ----------------`, and what closes the last one. */
const RULE = /^\s+\+-[+-]*(?: (?:\d+|\.\.\.) -+)?$/;

/** Takes the frame off the lines of an ExceptionGroup, which are tracebacks as any other inside of it. */
export class ExceptionGroupFrame {
  #isInside = false;

  /** The line as it stands inside of the frame; undefined where it is nothing but frame. Other lines stay as they are. */
  strip(text: string): string | undefined {
    if (OPENS_GROUP.test(text)) {
      this.#isInside = true;
      return text.replace(OPENS_GROUP, "");
    }
    if (this.#isInside && RULE.test(text)) {
      return undefined;
    }
    this.#isInside &&= INSIDE.test(text);
    return this.#isInside ? text.replace(INSIDE, "") : text;
  }
}
