/** A program that trains or prepares for it, as a script starts it. */
const STAGE = /\.py\b|\s-m\s+[a-z]|\b(?:python[\d.]*|torchrun|accelerate|deepspeed)\s/;
const LOOP = /\b(?:for|while)\b[^]*\bdo\b/;
/** Where a command may begin. */
const BEGIN = /(?:^|[;&|]|\b(?:then|do|else)\b)[ \t]*/;
/** What a script does about a program of its own that fails. */
const HANDLES_FAILURE = [
  // It does what follows only where that went well, or only where it failed, or asks how it ended.
  /(?:\.py\b|\bpython)[^\n;]*(?:&&|\|\|)/,
  /\b(?:until|if|elif|while)\s+(?:!\s*)?[^\n;]*(?:\.py\b|\bpython)/,
  /\$\?/,
  // It tries again until something is there.
  /\bwhile\s+(?:!\s*)?\[/,
  new RegExp(`${BEGIN.source}(?:break|retry)\\b`, "m"),
  // It ends: by what it sets, by its first line, or by what it has set a trap for.
  new RegExp(`${BEGIN.source}set\\s+(?:-\\w*e|-o\\s+errexit\\b)`, "m"),
  /^#!.*\s-\w*e/,
  new RegExp(`${BEGIN.source}trap\\b`, "m"),
];
const COMMENT = /(?:^|(?<=\s))#(?!!)[^\n]*/gm;

/** Whether a shell script, as its text says, starts one program after another without looking how the first one ended. */
export function goesOnAfterFailure(text: string): boolean {
  const code = text.replaceAll("\\\n", " ").replace(COMMENT, "");
  const stages = code.split(/[\n;]/).filter((command) => STAGE.test(command)).length;
  return (stages > 1 || (stages === 1 && LOOP.test(code))) && !HANDLES_FAILURE.some((how) => how.test(code));
}

/** Whether a command has its shell end with the first program that fails: `bash -e job.sh`. */
export function endsAtFailure([, ...words]: readonly string[]): boolean {
  const count = words.findIndex((word) => !word.startsWith("-"));
  return words.slice(0, count === -1 ? words.length : count).some((option) => /^-\w*e/.test(option));
}
