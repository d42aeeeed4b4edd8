import { type ShellToken, type ShellWord, shellTokens } from "./shellTokens.ts";

const TO_FILE = /^(?:&|\d*)(?:>>|>\||>)$/;
const OPENERS = new Set(["{", "do"]);
const CLOSERS = new Set(["}", "done"]);

/**
 * The files that the commands which a shell starts in the background print to, of each command its own:
 * `nohup python train.py > out.log 2> err.log &`, `(python a.py; python b.py) > both.log &`, `for … do … done > all.log &`,
 * `python train.py | tee train.log &`. A name that only the shell could tell, as `log_$i`, is left out, and so is a command
 * without any.
 */
export function backgroundTargets(text: string): string[][] {
  const reader = new TargetReader();
  for (const token of shellTokens(text)) {
    if (token.kind === "word") {
      reader.takeWord(token.word);
    } else {
      reader.takeOperator(token);
    }
  }
  return reader.found;
}

class TargetReader {
  /** The files of each command in the background. */
  readonly found: string[][] = [];
  /** Of each group that is open, what was named in it: the group as a whole may be in the background. */
  readonly #groups: string[][] = [[]];
  /** The files of what stands since the last `;`. */
  #files: string[] = [];
  /** The words of the command. */
  #words: ShellWord[] = [];
  #redirect: string | undefined;

  takeWord(word: ShellWord): void {
    const redirect = this.#redirect;
    this.#redirect = undefined;
    if (redirect !== undefined) {
      this.#files.push(...(TO_FILE.test(redirect) ? filesAmong([word]) : []));
    } else if (this.#words.length === 0 && OPENERS.has(word.text)) {
      this.#groups.push([]);
    } else if (this.#words.length === 0 && CLOSERS.has(word.text)) {
      this.#closeGroup();
    } else {
      this.#words.push(word);
    }
  }

  takeOperator({ text }: Extract<ShellToken, { kind: "operator" }>): void {
    switch (text) {
      case "(":
        this.#groups.push([]);
        break;
      case ")":
        this.#closeGroup();
        break;
      case "&":
        this.#endCommand();
        this.#endInBackground();
        break;
      case ";":
      case ";;":
      case "\n":
        this.#endList();
        break;
      case "|":
      case "|&":
      case "&&":
      case "||":
        this.#endCommand();
        break;
      default:
        this.#redirect = text;
    }
  }

  #endCommand(): void {
    const [program, ...operands] = this.#words;
    this.#words = [];
    if (program?.text === "tee") {
      this.#files.push(...filesAmong(operands.filter(({ text }) => !text.startsWith("-"))));
    }
  }

  #endInBackground(): void {
    if (this.#files.length > 0) {
      this.found.push([...new Set(this.#files)]);
    }
    this.#files = [];
  }

  #endList(): void {
    this.#endCommand();
    this.#groups.at(-1)?.push(...this.#files);
    this.#files = [];
  }

  #closeGroup(): void {
    this.#endList();
    this.#files.push(...(this.#groups.length > 1 ? (this.#groups.pop() ?? []) : []));
  }
}

function filesAmong(words: readonly ShellWord[]): string[] {
  return words.filter(({ text, isPlain }) => isPlain && !text.startsWith("/dev/")).map(({ text }) => text);
}
