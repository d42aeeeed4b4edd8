import { parseJson } from "../../base/parseJson.ts";
import { quoteWord } from "../../base/shellWord.ts";
import { parseVersion } from "../pep/version.ts";
import { shellCommands } from "../shellCommands.ts";
import { ImageFiles } from "./imageFiles.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { addShellLine, joinedLines } from "./shellLine.ts";
import { ShellVariables } from "./shellVariables.ts";

export function isDockerfile(path: string): boolean {
  return /(?:^|\/)(?:[\w.-]*\.)?(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$/i.test(path);
}

/** The images it is built from, what its `RUN pip install` lines add, and the command it starts. */
export function readDockerfile({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const ofAll = new ShellVariables();
  const stages = new Map<string, ShellVariables>();
  let ofStage = ofAll;
  let entryPoint: readonly string[] = [];
  const files = new ImageFiles();
  for (const { instruction, text: argument, line } of instructions(text)) {
    if (instruction === "ARG" || instruction === "ENV") {
      setVariables(ofStage, argument, ofAll);
    } else if (instruction === "FROM") {
      ofStage = addStage(reading, ofAll.expand(argument), { line, stages });
      entryPoint = [];
    } else if (instruction === "RUN") {
      const written = commandLine(execWords(argument)) ?? argument;
      const originOf = (named: string) => files.originOf(named, written);
      addShellLine(reading, written, {
        line,
        group: "container",
        originOf,
        variables: new ShellVariables(ofStage),
      });
    } else if (instruction === "WORKDIR") {
      files.enter(argument);
    } else if (instruction === "COPY" || instruction === "ADD") {
      files.copy(argument);
    } else if (instruction === "CMD" || instruction === "ENTRYPOINT") {
      const words = execWords(argument);
      // The words of CMD stand behind those of ENTRYPOINT, where both are lists.
      const own = instruction === "CMD" && words ? [...entryPoint, ...words] : words;
      entryPoint = instruction === "ENTRYPOINT" ? (words ?? []) : entryPoint;
      reading.add({
        kind: "command",
        name: instruction.toLowerCase(),
        command: commandLine(own) ?? argument,
        invoke: `docker build -f ${path} .`,
        line,
      });
    }
  }
  return reading.reading;
}

/** The words of a command that is a JSON list; what is none goes to a shell as it is written. */
function execWords(argument: string): readonly string[] | undefined {
  const words = argument.startsWith("[") ? parseJson(argument) : undefined;
  return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
}

function commandLine(words: readonly string[] | undefined): string | undefined {
  return words?.map(quoteWord).join(" ");
}

/** `NAME=value` as often as wanted, `NAME value` of ENV, and `NAME` of ARG, which takes the value from before the first `FROM`. */
function setVariables(own: ShellVariables, argument: string, ofAll: ShellVariables): void {
  const words = shellCommands(argument).flat();
  const [name = "", ...value] = words;
  if (words.every((word) => word.includes("="))) {
    words.forEach((word) => own.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)));
  } else if (value.length > 0) {
    own.set(name, value.join(" "));
  } else if (own !== ofAll) {
    own.set(name, ofAll.expand(own.expand(`\${${name}}`)));
  }
}

/** `image AS name`: a later stage may begin with the name instead of an image, and has its variables then. Names know no case. */
function addStage(
  reading: ReadingBuilder,
  argument: string,
  { line, stages }: { line: number; stages: Map<string, ShellVariables> },
): ShellVariables {
  const [image = "", as, name] = argument.split(/\s+/).filter((word) => !word.startsWith("--"));
  const before = stages.get(image.toLowerCase());
  const own = new ShellVariables(before);
  stages.set(as?.toLowerCase() === "as" && name !== undefined ? name.toLowerCase() : String(stages.size), own);
  if (before === undefined && image !== "scratch" && image !== "") {
    addImage(reading, image, line);
  }
  return own;
}

/**
 * `pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime` is torch 2.4.0, `python:3.11-slim` is Python 3.11. Others count their
 * own releases: what `nvcr.io/nvidia/pytorch:24.01-py3` holds is torch of a version that its tag does not tell.
 */
function addImage(reading: ReadingBuilder, image: string, line: number): void {
  if (image.includes("$")) {
    reading.report("unknown-image", line, `Which image \`${image}\` is, only a build tells.`, "information");
    return;
  }
  reading.add({ kind: "environment", value: `container image ${image}`, why: "the image of a Dockerfile", line });
  const [named = ""] = image.split("@", 1);
  const tagAt = named.indexOf(":", named.lastIndexOf("/") + 1);
  const repository = (tagAt === -1 ? named : named.slice(0, tagAt)).replace(/^docker\.io\/(?:library\/)?/, "");
  const version = tagAt === -1 ? undefined : /^\d+(?:\.\d+)*/.exec(named.slice(tagAt + 1))?.[0];
  const name = FRAMEWORKS.get(repository.slice(repository.lastIndexOf("/") + 1));
  if (repository === "python" && version !== undefined) {
    reading.addPython(version, line);
  } else if (name !== undefined) {
    const isOfficial = OFFICIAL.has(repository) && version !== undefined && parseVersion(version) !== undefined;
    const specifiers = isOfficial ? [{ operator: "==" as const, version }] : [];
    reading.addPackage({ name, extras: [], specifiers }, { line, group: "container", from: "image" });
  }
}

const FRAMEWORKS: ReadonlyMap<string, string> = new Map([
  ["pytorch", "torch"],
  ["tensorflow", "tensorflow"],
]);

/** Images whose tags begin with the version of the framework. */
const OFFICIAL = new Set(["pytorch/pytorch", "tensorflow/tensorflow"]);

type Instruction = { instruction: string; text: string; line: number };

/** Instructions with their continued lines joined; comments between them are left out. Each line of `RUN <<EOF` is one. */
function instructions(text: string): Instruction[] {
  const found: Instruction[] = [];
  const ends = new Set(text.split(/\r?\n/).map((line) => line.trim()));
  let open: { instruction: string; end: string } | undefined;
  for (const { text: written, line } of joinedLines(text, isEmptyOrComment)) {
    if (open !== undefined) {
      // What COPY writes is a file, whatever it looks like.
      found.push(
        ...(open.instruction === "RUN" && written !== open.end ? [{ instruction: "RUN", text: written, line }] : []),
      );
      open = written === open.end ? undefined : open;
      continue;
    }
    const [, name = "", rest = ""] = /^([A-Za-z]+)\s+(.*)$/s.exec(written) ?? [];
    const instruction = name.toUpperCase();
    const end = /^(?:RUN|COPY|ADD)$/.test(instruction) ? /<<-?(["']?)(\w+)\1/.exec(rest)?.[2] : undefined;
    open = end !== undefined && ends.has(end) ? { instruction, end } : undefined;
    found.push({ instruction, text: rest, line });
  }
  return found;
}

function isEmptyOrComment(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}
