/** A program that trains or prepares for it, as a script starts it. */
const STAGE = /\.py\b|\s-m\s+[a-z]|\b(?:python[\d.]*|torchrun|accelerate|deepspeed)\s/;
const LOOP = /\b(?:for|while)\b[^]*\bdo\b/;
/** What a script does about a program of its own that fails: it ends, tries again, or goes another way. */
const HANDLES_FAILURE =
  /(?:\.py\b|\bpython)[^\n;]*(?:&&|\|\|)|\$\?|\bbreak\b|\bwhile\s+(?:!\s*)?\[|\bset\s+-\w*e|\bset\s+-o\s+errexit\b|\btrap\b|\bretry\b|\b(?:until|if|elif|while)\s+(?:!\s*)?[^\n;]*(?:\.py\b|\bpython)/;

/** Whether a shell script, as its text says, starts one program after another without looking how the first one ended. */
export function goesOnAfterFailure(text: string): boolean {
  const commands = text.replaceAll("\\\n", " ").split(/[\n;]/);
  const stages = commands.filter((command) => STAGE.test(command)).length;
  return (stages > 1 || (stages === 1 && LOOP.test(text))) && !HANDLES_FAILURE.test(text);
}
