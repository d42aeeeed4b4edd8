/** Escape sequences of terminals: CSI (colours, cursor), OSC (titles, links) and two-character ones. */
// oxlint-disable-next-line no-control-regex -- escape sequences are control characters
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;

/** `2026-11-21 02:18:10.914 [1795/train/3 (pid 4711)] text`, which Metaflow puts before what a task prints. */
const METAFLOW_PREFIX = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \[[^\]]*\(pid \d+\)\] ?/;

/** `[rank0]:` of PyTorch, `[default0]:` of torchrun, `0: ` of srun. */
const RANK_PREFIX = /^(?:\[(?:rank|default)\d+\]:\s?|\s{0,3}\d{1,4}: (?=\S))/;

/** The text of a console line as a person reads it: no colours, no backspaces, no prefix of a launcher. */
export function cleanConsoleLine(line: string): string {
  const visible = line.includes("\u001b") ? line.replace(ESCAPE_SEQUENCE, "") : line;
  return applyBackspaces(visible).replace(METAFLOW_PREFIX, "").replace(RANK_PREFIX, "");
}

function applyBackspaces(text: string): string {
  if (!text.includes("\b")) {
    return text;
  }
  const kept: string[] = [];
  for (const character of text) {
    if (character === "\b") {
      kept.pop();
    } else {
      kept.push(character);
    }
  }
  return kept.join("");
}
