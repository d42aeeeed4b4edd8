import { normalizeName } from "../pep/packageName.ts";
import { readIni } from "./iniFile.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";

export function isSetupCfg(path: string): boolean {
  return /(?:^|\/)setup\.cfg$/.test(path);
}

/** `install_requires`, `python_requires`, extras and console scripts of setuptools; `file:` names another manifest. */
export function readSetupCfg({ text: whole }: TextFile): Reading {
  const reading = new ReadingBuilder();
  for (const { section, key, values } of readIni(whole, reading)) {
    const isExtra = section === "options.extras_require";
    const first = values[0];
    if (section === "options" && key === "python_requires" && first?.text) {
      reading.add({ kind: "python", standing: "declared", value: first.text, line: first.line });
    }
    if (section === "options.entry_points" && key === "console_scripts") {
      values.forEach((value) => addEntryPoint(reading, value));
    }
    if (!isExtra && !(section === "options" && /^(?:install|setup|tests)_requires?$/.test(key))) {
      continue;
    }
    const group = isExtra
      ? normalizeName(key)
      : key === "install_requires"
        ? undefined
        : key.replace(/_requires?$/, "");
    for (const { text, line } of values) {
      const written = withoutComment(text);
      const file = /^file:\s*(.+)$/.exec(written)?.[1];
      if (file !== undefined) {
        file
          .split(",")
          .forEach((path) => reading.add({ kind: "include", path: path.trim(), as: "requirements", line }));
      } else if (written !== "") {
        reading.addRequirement(written, line, { group });
      }
    }
  }
  return reading.reading;
}

/** `digits-train = digits.train:main` */
function addEntryPoint(reading: ReadingBuilder, { text, line }: { text: string; line: number }): void {
  const [, name, command] = /^([\w.-]+)\s*=\s*(\S+)$/.exec(withoutComment(text)) ?? [];
  if (name !== undefined && command !== undefined) {
    reading.add({ kind: "command", name, command, invoke: name, line });
  }
}

/** configparser keeps a comment behind a value, and setuptools takes it out of a list of requirements. */
function withoutComment(text: string): string {
  return text.replace(/(?:^|\s)#.*$/, "").trim();
}
