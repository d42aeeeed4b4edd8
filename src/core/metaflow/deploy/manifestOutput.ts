import { UserError } from "../../base/errors.ts";
import { parseJson } from "../../base/parseJson.ts";

/** A WorkflowTemplate of Argo Workflows, as plain data. */
export type ArgoManifest = Readonly<Record<string, unknown>>;

type CommandOutput = { exitCode: number; stdout: string; stderr: string };

export type ManifestOutputOptions = {
  python: string;
  /** Texts of this machine that got into the manifest, with what belongs in their place; "" removes the variable that holds it. */
  placeholders: ReadonlyMap<string, string>;
};

/**
 * The manifest in what `argo-workflows create --only-json` printed. Throws UserError with what Metaflow lacks where it
 * printed none.
 */
export function readManifestOutput(output: CommandOutput, options: ManifestOutputOptions): ArgoManifest {
  const { stdout, exitCode } = output;
  // A flow may print while it is imported; Metaflow prints the manifest last, as one object that begins a line.
  const start = stdout.startsWith("{") ? 0 : stdout.lastIndexOf("\n{") + 1;
  const value = exitCode === 0 ? parseJson(stdout.slice(start)) : undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(diagnose(output, options.python));
  }
  return Object.fromEntries(Object.entries(replaceTexts(value, options.placeholders) ?? {}));
}

/** A manifest nests a dozen levels deep, so plain recursion does. */
function replaceTexts(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((each) => (isMadeUp(each, texts) ? [] : [replaceTexts(each, texts)]));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaceTexts(each, texts)]));
  }
  return typeof value === "string" ? replaceAllOf(value, texts) : value;
}

function replaceAllOf(text: string, texts: ReadonlyMap<string, string>): string {
  return [...texts].reduce((replaced, [from, to]) => replaced.replaceAll(from, to), text);
}

/** `{ "name": "METAFLOW_S3_ENDPOINT_URL", "value": "http://127.0.0.1:…" }` where the person has no endpoint. */
function isMadeUp(value: unknown, texts: ReadonlyMap<string, string>): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "value" in value &&
    typeof value.value === "string" &&
    texts.get(value.value) === ""
  );
}

/** What Metaflow lacks, by what it printed. Each sentence says what to do. */
const LACKS: readonly { pattern: RegExp; sentence: (match: RegExpMatchArray, python: string) => string }[] = [
  {
    pattern: /No module named '?metaflow\b/,
    sentence: (_match, python) =>
      `Metaflow is not installed for ${python}. Install it with \`${python} -m pip install metaflow\`.`,
  },
  {
    pattern: /(?:No module named|Could not import module) '?(kubernetes|boto3)\b/,
    sentence: ([, name], python) =>
      `Metaflow compiles for Argo Workflows with the Python package ${name}, which ${python} does not have. Install it with \`${python} -m pip install ${name}\`, then try again.`,
  },
  {
    pattern: /No such (?:command|option)[: ]+['"]?([\w-]+)/i,
    sentence: ([, name]) =>
      `This version of Metaflow does not know ${name}, so it cannot give a manifest. Metaflow 2.12 or newer can.`,
  },
  {
    pattern: /Micromamba (?:ran into an error|installation|binary)/,
    sentence: () =>
      "Metaflow makes the environments of @pypi and @conda before it compiles, and could not download micromamba for that. Put micromamba on the PATH, or try again where micro.mamba.pm and the package index can be reached.",
  },
  {
    pattern: /(?:@conda|@pypi|conda environment|micromamba|Conda)[^\n]*/,
    sentence: ([text]) =>
      `Metaflow resolves the packages of @pypi and @conda before it compiles, which needs its package index: ${text}. The manifest can be made where that index is reachable.`,
  },
];

function diagnose({ stdout, stderr, exitCode }: CommandOutput, python: string): string {
  const text = `${stdout}\n${stderr}`;
  for (const { pattern, sentence } of LACKS) {
    const match = pattern.exec(text);
    if (match) {
      return sentence(match, python);
    }
  }
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const said = lines.slice(-3).join(" ");
  return `Metaflow gave no manifest (exit code ${exitCode})${said === "" ? "." : `: ${said}`}`;
}
