import { isMap, isScalar, isSeq } from "yaml";
import { normalizeName } from "../pep/packageName.ts";
import { parseSpecifiers, type SpecifierSet } from "../pep/specifier.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./reading.ts";
import { readRequirementsTxt } from "./requirementsTxt.ts";
import { readYaml } from "./yamlFile.ts";

export function isCondaEnvironment(path: string): boolean {
  return /(?:^|\/)(?:environment|conda|env)(?:[-_.][\w.-]*)?\.ya?ml$/.test(path) && !/conda-lock/.test(path);
}

/** The `dependencies` of a conda environment, `channel::name=version=build`, with the `pip:` list inside them. */
export function readCondaEnvironment({ path, text }: TextFile): Reading {
  const reading = new ReadingBuilder();
  const { root, lineOf } = readYaml(text, reading);
  const dependencies = root?.get("dependencies", true);
  for (const item of isSeq(dependencies) ? dependencies.items : []) {
    if (isScalar(item)) {
      addMatchSpec(reading, String(item.value), lineOf(item));
    } else if (isMap(item)) {
      const pip = item.get("pip", true);
      for (const entry of isSeq(pip) ? pip.items : []) {
        if (isScalar(entry)) {
          addPipLine(reading, { path, text: String(entry.value) }, lineOf(entry));
        }
      }
    }
  }
  return reading.reading;
}

/** A dependency as conda writes it; conda's names of some packages are not those of PyPI. */
export function addMatchSpec(reading: ReadingBuilder, text: string, line: number, group?: string): void {
  const spec = text.trim();
  const channelEnd = spec.split(/\s/, 1)[0]?.lastIndexOf("::") ?? -1;
  const [, name, rest = ""] =
    /^([A-Za-z0-9_][\w.-]*)(.*)$/s.exec(spec.slice(channelEnd === -1 ? 0 : channelEnd + 2)) ?? [];
  if (name === undefined) {
    reading.report("invalid-requirement", line, `\`${text.slice(0, 80)}\` is not a dependency as conda writes it.`);
    return;
  }
  // What stands in brackets tells which build to take.
  const written = rest.trimStart().startsWith("[") ? rest.slice(rest.lastIndexOf("]") + 1).trim() : rest.trim();
  const specifiers = condaSpecifiers(written);
  if (normalizeName(name) === "python") {
    reading.addPython(written.replace(/^=+/, ""), line);
    return;
  }
  if (specifiers === undefined) {
    const message = `\`${written.slice(0, 60)}\` names alternatives, so that the version of \`${name}\` is left open.`;
    reading.report("unknown-constraint", line, message, "information");
  }
  reading.addPackage({ name: pypiName(name), extras: [], specifiers: specifiers ?? [] }, { line, group });
}

/**
 * The clauses of PEP 440 that a version of conda means: `=1.2` is 1.2 and what follows it, `==1.2` and `1.2` alone are
 * exact; the part behind a second `=` or a blank names a build.
 */
export function condaSpecifiers(text: string): SpecifierSet | undefined {
  const pieces = text.split(/([<>=!~,|])/).map((piece) => piece.trim());
  const [version = ""] = pieces.join("").split(/\s+/, 1);
  const [, sign = "", rest = version] = /^(={1,2})(?!=)([^=]*)/.exec(version) ?? [];
  if (rest === "" || rest === "*") {
    return [];
  }
  const isPlain = /^\d/.test(rest) && !/[|,]/.test(rest);
  if (!isPlain) {
    return rest.includes("|") ? undefined : parseSpecifiers(rest.replace(/(^|,)=(?!=)/g, "$1=="));
  }
  const [release = ""] = rest.split("=");
  const prefix = release.replace(/\.?\*$/, "");
  const isPrefix = prefix !== release || sign === "=";
  return parseSpecifiers(`==${prefix}${isPrefix ? ".*" : ""}`);
}

const PYPI_NAMES: ReadonlyMap<string, string> = new Map([
  ["pytorch", "torch"],
  ["pytorch-cpu", "torch"],
  ["pytorch-gpu", "torch"],
  ["tensorflow-cpu", "tensorflow"],
  ["tensorflow-gpu", "tensorflow"],
  ["py-xgboost", "xgboost"],
]);

function pypiName(name: string): string {
  const normalized = normalizeName(name);
  return PYPI_NAMES.get(normalized) ?? normalized;
}

/** The `pip:` list is a requirements file, line by line. */
function addPipLine(reading: ReadingBuilder, file: TextFile, line: number): void {
  const { statements, problems } = readRequirementsTxt(file);
  statements.forEach((statement) => reading.add({ ...statement, line }));
  problems.forEach(({ code, message, severity }) => reading.report(code, line, message, severity));
}
