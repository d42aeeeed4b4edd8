import { parseVersion } from "../pep/version.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { addShellLine } from "./shellLine.ts";

export function isDockerfile(path: string): boolean {
  return /(?:^|\/)(?:[\w.-]*\.)?(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$/i.test(path);
}

/** The image it is built from, what its `RUN pip install` lines add, and the command it starts. */
export function readDockerfile({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  for (const { instruction, text: argument, line } of instructions(text)) {
    if (instruction === "FROM") {
      addImage(reading, argument, line);
    } else if (instruction === "RUN") {
      addShellLine(reading, argument, line);
    } else if (instruction === "CMD" || instruction === "ENTRYPOINT") {
      const words = /^\[(.*)\]$/
        .exec(argument)?.[1]
        ?.split(",")
        .map((word) => word.trim().replace(/^"|"$/g, ""));
      reading.add({
        kind: "command",
        name: instruction.toLowerCase(),
        command: words?.join(" ") ?? argument,
        invoke: `docker build -f ${path} .`,
        line,
      });
    }
  }
  return reading.reading;
}

/** `pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime` is torch 2.4.0, `python:3.11-slim` is Python 3.11. */
function addImage(reading: ReadingBuilder, argument: string, line: number): void {
  const image = argument.replace(/^--platform=\S+\s+/, "").split(/\s+/)[0] ?? "";
  const [, name = "", tag = ""] =
    /^(?:[\w.-]+(?::\d+)?\/)?([\w./-]+?)(?::([\w.-]+))?(?:@sha256:\w+)?$/.exec(image) ?? [];
  reading.add({ kind: "environment", value: `container image ${image}`, why: "the image of a Dockerfile", line });
  const version = /^\d+(?:\.\d+)*/.exec(tag)?.[0];
  const base = name.split("/").at(-1) ?? "";
  if (base === "python" && version !== undefined) {
    reading.add({ kind: "python", standing: "declared", value: version, line });
  } else if (IMAGES[base] !== undefined) {
    const specifiers = version !== undefined && parseVersion(version) ? [{ operator: "==" as const, version }] : [];
    reading.addPackage({ name: IMAGES[base], extras: [], specifiers }, { line, group: "container" });
  }
}

const IMAGES: Readonly<Record<string, string>> = { pytorch: "torch", tensorflow: "tensorflow" };

type Instruction = { instruction: string; text: string; line: number };

/** Instructions with their continued lines joined; comments between them are left out. */
function instructions(text: string): Instruction[] {
  const found: Instruction[] = [];
  let pending: Instruction | undefined;
  for (const [line, written] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(written)) {
      continue;
    }
    const [, instruction = "", rest = ""] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(written) ?? [];
    const current: Instruction = pending ?? { instruction: instruction.toUpperCase(), text: "", line };
    const piece = (pending ? written : rest).trim();
    const isContinued = piece.endsWith("\\");
    current.text = `${current.text} ${isContinued ? piece.slice(0, -1) : piece}`.trim();
    pending = isContinued ? current : undefined;
    if (!isContinued) {
      found.push(current);
    }
  }
  return pending ? [...found, pending] : found;
}
