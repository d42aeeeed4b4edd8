/** A text that grows with each use of a variable has no end that matters. */
const MAX_CHARACTERS = 4_000;

/** Variables of a shell or of an image, as far as they are written out. What is computed, or has no value, is not known. */
export class ShellVariables {
  readonly #values: Map<string, string | undefined>;

  /** Begins with what is known `around`, which stays as it is. */
  constructor(around?: ShellVariables) {
    this.#values = new Map(around === undefined ? [] : around.#values);
  }

  /** The value of a name from here on. */
  set(name: string, written: string): void {
    const value = this.expand(written);
    this.#values.set(name, /[$`]/.test(value) || value.length > MAX_CHARACTERS ? undefined : value);
  }

  /** Reads words such as `export V=1`. One that gets another value on another way through a script is not known. */
  assign(words: readonly string[]): void {
    const own = words.slice(/^(?:export|local|readonly|declare)$/.test(words[0] ?? "") ? 1 : 0);
    const assignments = own.map((word) => /^([A-Za-z_]\w*)=(.*)$/s.exec(word));
    for (const assignment of assignments.includes(null) ? [] : assignments) {
      const [, name = "", written = ""] = assignment ?? [];
      const before = this.#values.get(name);
      const isKnown = this.#values.has(name);
      this.set(name, written);
      if (isKnown && before !== this.#values.get(name)) {
        this.#values.set(name, undefined);
      }
    }
  }

  /** `${NAME}`, `$NAME` and `${NAME:-value}` with their values; what has none stays as it is written. */
  expand(text: string): string {
    return text.replaceAll(/\$(?:(\w+)|\{(\w+)(?::?-([^}$]*))?\})/g, (written, plain, braced, otherwise) => {
      const value = this.#values.get(plain ?? braced);
      return value === undefined || value === "" ? (otherwise ?? written) : value;
    });
  }
}
