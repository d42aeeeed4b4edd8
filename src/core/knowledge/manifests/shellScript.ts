import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { addShellLine, joinedLines } from "./shellLine.ts";
import { ShellVariables } from "./shellVariables.ts";

export function isShellScript(path: string): boolean {
  return /\.(?:sh|bash|sbatch|slurm)$/.test(path);
}

/** What a script runs with Python and installs with pip; `#SBATCH` lines say that it goes to a cluster. */
export function readShellScript({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const name = path.slice(path.lastIndexOf("/") + 1);
  const variables = new ShellVariables();
  let isBatch = false;
  const commands: { text: string; line: number }[] = [];
  for (const { text: written, line } of joinedLines(text)) {
    if (/^#SBATCH\b/.test(written) && !isBatch) {
      isBatch = true;
      reading.add({ kind: "environment", value: "Slurm cluster", why: `${name} is a batch script`, line });
      continue;
    }
    addShellLine(reading, written, { line, variables });
    if (STARTS.test(written)) {
      commands.push({ text: written, line });
    }
  }
  for (const { text: command, line } of commands) {
    reading.add({ kind: "command", name, command, invoke: `${isBatch ? "sbatch" : "bash"} ${path}`, line });
  }
  return reading.reading;
}

const STARTS =
  /^(?:(?:exec|srun|time|nohup|[A-Z_][A-Z0-9_]*=\S*)\s+(?:-\S+\s+)*)*(?:python3?|uv run|torchrun|accelerate|deepspeed|tensorboard)\s/;
