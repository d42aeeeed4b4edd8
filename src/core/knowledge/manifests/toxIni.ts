import { readIni } from "./iniFile.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { readRequirementsTxt } from "./requirementsTxt.ts";

export function isToxIni(path: string): boolean {
  return /(?:^|\/)tox\.ini$/.test(path);
}

/** `deps` and `commands` of each environment; a factor such as `py311: pytest` counts without its condition. */
export function readToxIni({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  for (const { section, key, values } of readIni(text, reading)) {
    const environment = /^testenv(?::(.+))?$/.exec(section);
    const written = values.filter(({ text: value }) => value !== "");
    if (environment && key === "deps") {
      for (const { text: dependency, line } of written) {
        const plain = dependency.replace(/^[\w,!{}-]+:\s+/, "");
        const { statements, problems } = readRequirementsTxt({ path, text: plain.includes("{[") ? "" : plain });
        statements.forEach((statement) =>
          reading.add({ ...statement, ...(statement.kind === "package" ? { group: "tox" } : {}), line }),
        );
        problems.forEach(({ code, message, severity }) => reading.report(code, line, message, severity));
      }
    }
    if (environment && key === "commands" && written.length > 0) {
      const name = environment[1] ?? "tox";
      const invoke = environment[1] === undefined ? "tox" : `tox -e ${name}`;
      reading.add({
        kind: "command",
        name,
        command: written.map((value) => value.text).join(" && "),
        invoke,
        line: written[0]?.line ?? 0,
      });
    }
  }
  return reading.reading;
}
