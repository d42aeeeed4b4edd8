import { literalText, moduleConstants, readConstant, stringOf } from "../../base/pythonLiteral.ts";
import { callsIn, type PythonNode, type PythonParser } from "../../base/pythonSyntax.ts";
import { normalizeName } from "../pep/packageName.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";

export function isSetupPy(path: string): boolean {
  return /(?:^|\/)setup\.py$/.test(path);
}

type Context = { reading: ReadingBuilder; constants: ReadonlyMap<string, PythonNode> };

/** The requirements of `setup(…)` where they are written out; what is computed stays unknown, and a problem says so. */
export function readSetupPy({ text }: TextFile, parser: PythonParser): Reading {
  const reading = new ReadingBuilder();
  parser.read(text, (root) => {
    const setup = callsIn(root).find((call) => call.method === "setup");
    const context = { reading, constants: moduleConstants(root) };
    const install = setup?.keywords.get("install_requires");
    if (install) {
      addList(install, "install_requires", context);
    }
    const writtenExtras = setup?.keywords.get("extras_require");
    const extras = resolve(writtenExtras, context);
    if (writtenExtras && extras?.type !== "dictionary") {
      reportComputed(reading, "extras_require", writtenExtras);
    }
    for (const pair of extras?.type === "dictionary" ? extras.namedChildren : []) {
      const [key, value] = [stringOf(pair.childForFieldName("key")), pair.childForFieldName("value")];
      if (key !== undefined && value) {
        const [, extra = "", marker] = /^([^:]*)(?::(.*))?$/s.exec(key) ?? [];
        addList(value, "extras_require", context, {
          ...(extra.trim() === "" ? {} : { group: normalizeName(extra.trim()) }),
          ...(marker === undefined ? {} : { marker }),
        });
      }
    }
    const python = setup?.keywords.get("python_requires");
    const value = literalText(readConstant(python, context.constants));
    if (python && value !== undefined) {
      reading.add({ kind: "python", standing: "declared", value, line: python.startPosition.row });
    } else if (python) {
      reportComputed(reading, "python_requires", python);
    }
    if (setup?.hasSplat === true) {
      const message = "Some arguments of `setup` are computed here, so only running setup.py would tell all of them.";
      reading.report("computed-requirements", setup.line, message, "information");
    }
  });
  return reading.reading;
}

/** What a key such as `gpu:python_version<'3.9'` says of its requirements: the extra, and when they are needed. */
type Condition = { group?: string; marker?: string };

/** A list that is written out, each requirement on its own line; a single text counts as a list of lines. */
function addList(
  node: PythonNode,
  keyword: string,
  { reading, constants }: Context,
  { group, marker }: Condition = {},
): void {
  const add = (text: string, line: number) =>
    reading.addRequirement(marker === undefined ? text : withMarker(text, marker), line, { group });
  const list = resolve(node, { reading, constants });
  const isList = list?.type === "list" || list?.type === "tuple";
  const text = list ? stringOf(list) : undefined;
  if (text !== undefined) {
    const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s*#/.test(line));
    lines.forEach((line) => add(line, node.startPosition.row));
    return;
  }
  const items = isList ? list.namedChildren.filter(({ type }) => type !== "comment") : [];
  const unknown = isList ? items.filter((item) => readConstant(item, constants)?.kind !== "string") : [node];
  for (const item of items) {
    const literal = readConstant(item, constants);
    if (literal?.kind === "string") {
      add(literal.value, item.startPosition.row);
    }
  }
  unknown.slice(0, 1).forEach((first) => reportComputed(reading, keyword, first));
}

/** A marker that the requirement has already must hold as well. */
function withMarker(requirement: string, marker: string): string {
  const [asked = "", ...own] = requirement.split(";");
  return own.length === 0 ? `${asked} ; ${marker}` : `${asked} ; (${own.join(";")}) and (${marker})`;
}

function reportComputed(reading: ReadingBuilder, keyword: string, { startPosition }: PythonNode): void {
  const message = `\`${keyword}\` is computed here, so only running setup.py would tell all of it.`;
  reading.report("computed-requirements", startPosition.row, message, "information");
}

function resolve(node: PythonNode | null | undefined, { constants }: Context): PythonNode | undefined {
  return (node?.type === "identifier" ? constants.get(node.text) : node) ?? undefined;
}
