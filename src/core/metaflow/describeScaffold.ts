import { fencedBlock, inlineCode } from "../base/markdown.ts";
import type { FlowParameter } from "./flowParameters.ts";
import type { PlannedFlow, WrittenFlow } from "./flowScaffold.ts";
import { flowTemplates } from "./flowTemplate.ts";

/** Whatever the flow is called, the template brings its own data. */
const ON_DIGITS = "It runs as it is, on the digits that scikit-learn brings along;";

/** Markdown for what became of a scaffold: the file, its steps and parameters, and the commands to go on with. */
export function describeScaffold(written: WrittenFlow): string {
  return written.kind === "written"
    ? describeWritten(written.flow)
    : describeExisting(written.flow, written.alternative);
}

/** Markdown for what would be written, and for what the text may have meant besides. */
export function describePlannedFlow(
  flow: PlannedFlow,
  { script, noFolder, namesParts }: { script?: string; noFolder?: string; namesParts?: true },
): string {
  const source =
    flow.origin.kind === "template" ? `, from the template "${flowTemplates[flow.origin.template].label}"` : "";
  return [
    `Nothing was written yet. \`${flow.relativePath}\` would hold the flow \`${flow.name.className}\`${source}:`,
    describeSteps(flow),
    ...(script === undefined && flow.origin.kind === "template"
      ? [`${ON_DIGITS} put your own data into \`_load_…\`.`]
      : []),
    ...(script === undefined
      ? []
      : [
          `${inlineCode(script)} is not read and stays as it is. The template runs on the digits that scikit-learn brings along; move your code into its steps.`,
        ]),
    ...(namesParts
      ? [
          "Which steps and parameters you name is not read without a language model: this is the template as it is. Pick a model in the chat for a flow of your own steps, or add them to this one with **Trainyard: Add Step to Metaflow Flow…**.",
        ]
      : []),
    ...(noFolder === undefined
      ? []
      : [`There is no folder ${inlineCode(noFolder)} here. To have one made, write ${inlineCode(`${noFolder}/`)}.`]),
  ].join("\n\n");
}

function describeSteps({ outline }: PlannedFlow): string {
  return outline.steps.map(({ name, purpose }, index) => `${index + 1}. \`${name}\` ${purpose}`).join("\n");
}

function describeWritten(flow: PlannedFlow): string {
  const { parameters } = flow.outline;
  return [
    `Wrote \`${flow.relativePath}\` with the flow \`${flow.name.className}\`.`,
    "",
    describeSteps(flow),
    "",
    ...(parameters.length === 0
      ? []
      : ["Parameters, with their defaults:", "", ...parameters.map(describeParameter), ""]),
    ...(flow.origin.kind === "template" ? [`${ON_DIGITS} put your own data into \`_load_…\`.`, ""] : []),
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
