import { fencedBlock } from "../base/markdown.ts";
import type { PlannedFlow, WrittenFlow } from "./flowScaffold.ts";
import { flowTemplates } from "./flowTemplate.ts";

/** Markdown for what became of a scaffold: the file, its steps and parameters, and the commands to go on with. */
export function describeScaffold(written: WrittenFlow): string {
  return written.kind === "written"
    ? describeWritten(written.flow)
    : describeExisting(written.flow, written.alternative);
}

function describeWritten(flow: PlannedFlow): string {
  const template = flowTemplates[flow.template];
  const steps = template.steps.map((step, index) => `${index + 1}. \`${step.name}\` ${step.purpose}`);
  const parameters = template.parameters.map((each) => `- \`${each.flag}\` (\`${each.default}\`): ${each.help}`);
  return [
    `Wrote \`${flow.relativePath}\` with the flow \`${flow.name.className}\`.`,
    "",
    ...steps,
    "",
    "Parameters, with their defaults:",
    "",
    ...parameters,
    "",
    "It runs as it is, on the digits that scikit-learn brings along; put your own data into `_load_dataset` and your own model into `_build_model`.",
    "",
    fencedBlock(scaffoldCommands(flow).join("\n"), "sh"),
    "",
    `It needs ${listOf(template.packages.map((name) => `\`${name}\``))}.`,
  ].join("\n");
}

function describeExisting(flow: PlannedFlow, alternative: PlannedFlow): string {
  return (
    `\`${flow.relativePath}\` exists already and was left as it is. ` +
    `The flow can be written as \`${alternative.relativePath}\` (class \`${alternative.name.className}\`) instead.`
  );
}

/** What to type to check a flow, to run it, and to run it with a parameter. Paths are quoted for a POSIX shell where needed. */
export function scaffoldCommands(flow: PlannedFlow): string[] {
  const file = /^[\w./-]+$/.test(flow.relativePath)
    ? flow.relativePath
    : `'${flow.relativePath.replaceAll("'", "'\\''")}'`;
  return [
    `python ${file} --no-pylint check`,
    `python ${file} --no-pylint run`,
    `python ${file} --no-pylint run ${flowTemplates[flow.template].exampleArguments}`,
  ];
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
