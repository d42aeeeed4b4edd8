import { codePlaces } from "../base/pythonStrings.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./manifests/reading.ts";
import { collectImports } from "./pythonImportScan.ts";

/** The top-level modules of a Python file, its decorators, and where it logs, saves and resumes from. */
export function readPythonFile({ text }: Pick<TextFile, "text">): Reading {
  const reading = new ReadingBuilder();
  const modules = new Set<string>();
  for (const { module, line } of collectImports(text)) {
    const dot = module.indexOf(".");
    const top = dot === -1 ? module : module.slice(0, dot);
    if (top !== "" && !modules.has(top)) {
      modules.add(top);
      reading.add({ kind: "import", module: top, line });
    }
  }
  if (text.includes("@")) {
    addDecorators(reading, text);
  }
  if (importsOneOf(modules, LOGGERS) && /(?:SummaryWriter|TensorBoardLogger)\(/.test(text)) {
    addMatches(text, LOG_FOLDER, (path, line) => reading.add({ kind: "log-folder", path, line }));
  }
  if (modules.has("torch")) {
    addMatches(text, SAVE, (call, line) => {
      const path = CHECKPOINT_PATH.exec(call)?.[1];
      if (path !== undefined && !path.startsWith("..")) {
        reading.add({ kind: "checkpoint-folder", path, line });
      }
    });
  }
  if (importsOneOf(modules, ARGUMENT_PARSERS)) {
    addMatches(text, RESUME_OPTION, (option, line) => reading.add({ kind: "resume-option", option, line }));
  }
  return reading.reading;
}

/** Only a file that imports one of these can do what is looked for: most files are spared the search. */
const LOGGERS = ["torch", "tensorboardX", "tensorboard", "lightning", "pytorch_lightning"];
const ARGUMENT_PARSERS = ["argparse", "click", "typer", "absl", "optparse", "transformers"];

function importsOneOf(modules: ReadonlySet<string>, wanted: readonly string[]): boolean {
  return wanted.some((module) => modules.has(module));
}

const LOG_FOLDER =
  /\b(?:SummaryWriter|TensorBoardLogger)\(\s*(?:(?:log_dir|logdir|save_dir)\s*=\s*)?["']([^"'\n]{1,200})["']/g;
/** The beginning of a call in which the path stands behind what is saved. */
const SAVE = /\btorch\.save\((?=([^]{0,300}))/g;
const CHECKPOINT_PATH = /["']([\w.-][\w./-]{0,100})\/[\w.{}:-]{1,100}\.(?:pt|pth|ckpt)["']/;
const RESUME_OPTION =
  /["'](--(?:resume(?:[-_]from(?:[-_](?:checkpoint|ckpt))?)?|ckpt(?:[-_]path)?|restore|continue[-_]from))["']/g;

/** Each decorator once, at its first line. */
function addDecorators(reading: ReadingBuilder, text: string): void {
  const seen = new Set<string>();
  const add = (name: string, line: number) => {
    seen.add(name);
    reading.add({ kind: "decorator", name, line });
  };
  addMatches(text, DECORATOR, add, (name) => !seen.has(name));
}

const DECORATOR = /^[ \t]*@([A-Za-z_][\w.]*)/gm;

/** Adds what matches outside of strings and comments, which many a docstring shows as an example. */
function addMatches(
  text: string,
  pattern: RegExp,
  add: (value: string, line: number) => void,
  isWanted: (value: string) => boolean = () => true,
): void {
  const isCode = codePlaces(text);
  let line = 0;
  let newline = text.indexOf("\n");
  for (const match of text.matchAll(pattern)) {
    const value = match[1] ?? "";
    if (!isWanted(value) || !isCode(match.index)) {
      continue;
    }
    const end = match.index + match[0].length;
    for (; newline !== -1 && newline < end; newline = text.indexOf("\n", newline + 1)) {
      line += 1;
    }
    add(value, line);
  }
}
