import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";

export function isMakefile(path: string): boolean {
  return /(?:^|\/)(?:GNU)?[Mm]akefile$|(?:^|\/)\.?[Jj]ustfile$|\.just$/.test(path);
}

/**
 * The targets of a Makefile and the recipes of a justfile, with the lines they run. Both begin with a name and a colon
 * in the first column and go on with indented lines.
 */
export function readMakefile({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const tool = /just/i.test(path.slice(path.lastIndexOf("/") + 1)) ? "just" : "make";
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const prefix = folder === "" ? tool : tool === "make" ? `make -C ${folder}` : `just -d ${folder}`;
  let target: { name: string; line: number; commands: string[] } | undefined;
  const finish = () => {
    const command = target?.commands.filter(doesSomething).join(" && ") ?? "";
    if (target && command !== "") {
      reading.add({
        kind: "command",
        name: target.name,
        command,
        invoke: `${prefix} ${target.name}`,
        line: target.line,
      });
    }
    target = undefined;
  };
  let isContinued = false;
  for (const [line, written] of text.split(/\r?\n/).entries()) {
    const isRecipe = /^[\t ]+\S/.test(written);
    // `@` before the name of a recipe keeps just from printing its lines.
    const name = /^@?([A-Za-z_][\w./-]*)(?:\s[\w="'*+$\s./,-]*)?::?(?!=)/.exec(written)?.[1];
    if (isRecipe && isContinued && target) {
      target.commands.push(`${target.commands.pop() ?? ""} ${withoutBackslash(written)}`);
    } else if (isRecipe) {
      target?.commands.push(withoutBackslash(written).replace(/^[@+-]+\s*/, ""));
    } else if (name !== undefined && !written.includes(":=")) {
      finish();
      target = { name, line, commands: [] };
    } else if (written.trim() !== "" && !written.startsWith("#")) {
      finish();
    }
    isContinued = isRecipe && written.endsWith("\\");
  }
  finish();
  return reading.reading;
}

/** Comments and what is only printed, as by the usual `help`, may speak of commands and run none. */
function doesSomething(command: string): boolean {
  const unquoted = command.replace(/"[^"]*"|'[^']*'/g, "");
  return !/^#|^(?:echo|printf)\b[^&|;]*$/.test(unquoted);
}

/** A line of a recipe, less the backslash with which it goes on. */
function withoutBackslash(line: string): string {
  const trimmed = line.trim();
  return trimmed.endsWith("\\") ? trimmed.slice(0, -1).trimEnd() : trimmed;
}
