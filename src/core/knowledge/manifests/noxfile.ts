import { stringOf } from "../../base/pythonLiteral.ts";
import {
  callsIn,
  decoratorsOf,
  dottedName,
  type PythonNode,
  type PythonParser,
  readCall,
} from "../../base/pythonSyntax.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { includedBy, VALUE_OPTIONS } from "./shellLine.ts";

export function isNoxfile(path: string): boolean {
  return /(?:^|\/)noxfile\.py$/.test(path);
}

/** The sessions of nox: what they install and run, where it is written out. */
export function readNoxfile({ text }: TextFile, parser: PythonParser): Reading {
  const reading = new ReadingBuilder();
  parser.read(text, (root) => {
    for (const definition of root.descendantsOfType("function_definition")) {
      const name = sessionName(definition);
      if (name !== undefined) {
        addSession(reading, definition, name);
      }
    }
  });
  return reading.reading;
}

/** The name of a function under `@nox.session` or `@nox.session(name="…")`. */
function sessionName(definition: PythonNode): string | undefined {
  const own = definition.childForFieldName("name")?.text;
  for (const decorator of decoratorsOf(definition)) {
    const isCall = decorator.type === "call";
    const callee = dottedName(isCall ? decorator.childForFieldName("function") : decorator);
    if (callee === "nox.session" || callee === "session") {
      return (isCall ? stringOf(readCall(decorator).keywords.get("name")) : undefined) ?? own;
    }
  }
  return undefined;
}

/** The words of `session.install("-r", "requirements.txt", "pytest")`; one that only a run tells is absent. */
function addInstalled(reading: ReadingBuilder, words: readonly (string | undefined)[], line: number): void {
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    const as = includedBy(word ?? "");
    if (as !== undefined) {
      const path = words[++index];
      if (path !== undefined) {
        reading.addInclude(path, word ?? "", { as, line });
      }
    } else if (VALUE_OPTIONS.has(word ?? "")) {
      index += 1;
    } else if (word !== undefined && /^[A-Za-z0-9]/.test(word)) {
      reading.addRequirement(word, line, { group: "nox" });
    }
  }
}

function addSession(reading: ReadingBuilder, definition: PythonNode, name: string): void {
  const commands: string[] = [];
  for (const call of callsIn(definition)) {
    const words = call.positional.map((argument) => stringOf(argument));
    if (call.callee === "session.run") {
      commands.push(words.map((word) => word ?? "…").join(" "));
    } else if (call.callee === "session.install") {
      addInstalled(reading, words, call.line);
    }
  }
  if (commands.length > 0) {
    const line = definition.startPosition.row;
    reading.add({ kind: "command", name, command: commands.join(" && "), invoke: `nox -s ${name}`, line });
  }
}
