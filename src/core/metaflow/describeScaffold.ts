import { fencedBlock } from "../base/markdown.ts";
import type { FlowParameter } from "./flowParameters.ts";
import type { PlannedFlow, WrittenFlow } from "./flowScaffold.ts";
import { flowTemplates } from "./flowTemplate.ts";

/** Markdown for what became of a scaffold: the file, its steps and parameters, and the commands to go on with. */
export function describeScaffold(written: WrittenFlow): string {
  return written.kind === "written"
    ? describeWritten(written.flow)
    : describeExisting(written.flow, written.alternative);
}

function describeWritten(flow: PlannedFlow): string {
  const { steps, parameters } = flow.outline;
  return [
    `Wrote \`${flow.relativePath}\` with the flow \`${flow.name.className}\`.`,
    "",
    ...steps.map(({ name, purpose }, index) => `${index + 1}. \`${name}\` ${purpose}`),
    "",
    ...(parameters.length === 0
      ? []
      : ["Parameters, with their defaults:", "", ...parameters.map(describeParameter), ""]),
    ...(flow.origin.kind === "template"
      ? ["It runs as it is, on the digits that scikit-learn brings along; put your own data into `_load_…`.", ""]
      : []),
    fencedBlock(scaffoldCommands(flow).join("\n"), "sh"),
    "",
    `It needs ${listOf(packagesOf(flow).map((name) => `\`${name}\``))}.`,
  ].join("\n");
}

function describeParameter({ name, default: value, help, isRequired }: FlowParameter): string {
  const shown = value === undefined ? (isRequired ? "required" : "none") : `\`${value === "" ? '""' : value}\``;
  return `- \`--${name}\` (${shown})${help === undefined ? "" : `: ${help}`}`;
}

function packagesOf({ origin }: PlannedFlow): readonly string[] {
  return origin.kind === "template" ? flowTemplates[origin.template].packages : ["metaflow"];
}

function describeExisting(flow: PlannedFlow, alternative: PlannedFlow): string {
  return (
    `\`${flow.relativePath}\` exists already and was left as it is. ` +
    `The flow can be written as \`${alternative.relativePath}\` (class \`${alternative.name.className}\`) instead.`
  );
}

/** What to type to check a flow, to run it, and to run it with a parameter. Paths are quoted for a POSIX shell where needed. */
export function scaffoldCommands({ relativePath, origin }: PlannedFlow): string[] {
  const file = /^[\w./-]+$/.test(relativePath) ? relativePath : `'${relativePath.replaceAll("'", "'\\''")}'`;
  return [
    `python ${file} --no-pylint check`,
    `python ${file} --no-pylint run`,
    ...(origin.kind === "template"
      ? [`python ${file} --no-pylint run ${flowTemplates[origin.template].exampleArguments}`]
      : []),
  ];
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
