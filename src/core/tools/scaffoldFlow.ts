import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { fencedBlock, inlineCode } from "../base/markdown.ts";
import { describeScaffold } from "../metaflow/describeScaffold.ts";
import type { FlowRequest, FlowScaffolder } from "../metaflow/flowScaffold.ts";
import { flowTemplateIds } from "../metaflow/flowTemplate.ts";
import { flowSpecSchema } from "../metaflow/spec/flowSpec.ts";
import { defineTool } from "./tool.ts";
import { printableText } from "./toolText.ts";

const input = z.object({
  template: z
    .enum(flowTemplateIds)
    .optional()
    .describe(
      "A tested flow to start from, instead of a spec. training: one run with evaluation. foreach-sweep: a grid of hyper-parameters. " +
        "quality-gate: a switch on data quality. artifacts: IncludeFile and large objects. robust: retry, catch, timeout. " +
        "kubernetes, batch: on a cluster or a laptop. scheduled: every night. batch-inference: shards. retraining: after another flow.",
    ),
  spec: flowSpecSchema.optional().describe("The flow step by step, instead of a template, for any other shape."),
  name: printableText(200)
    .min(1)
    .describe('What the flow is for, for example "churn training". Becomes the class name.'),
  folder: printableText(1000)
    .optional()
    .describe("Folder below the workspace folder. Leave it out for flows/ or workflows/ where one exists."),
});

/** The tool that writes a new flow from a template. It shows the whole file before it writes and never overwrites one. */
export function scaffoldFlowTool(scaffolder: FlowScaffolder) {
  return defineTool<z.infer<typeof input>>({
    name: "trainyard_scaffold_flow",
    referenceName: "trainyardScaffoldFlow",
    displayName: "Scaffold Metaflow Flow",
    modelDescription:
      "Writes a new Metaflow flow file, from a tested template or from a spec of steps, into the workspace and returns its path, steps, parameters and " +
      "the commands that check and run it. Use it when a new flow is wanted; then edit the file for the data at hand. It does not " +
      "run anything, never overwrites a file (it answers with a free name instead) and writes only inside the workspace folder.",
    userDescription: "Write a new Metaflow flow from a template or a description of its steps.",
    icon: "$(type-hierarchy-sub)",
    input,
    progress: (request) => `Writing the flow "${request.name}"`,
    async confirm(request) {
      const flow = await scaffolder.plan(toFlowRequest(request));
      return {
        title: `Write ${flow.relativePath}?`,
        message: `The new file ${inlineCode(flow.path, 4_096)} will contain:\n\n${fencedBlock(flow.text, "python")}`,
      };
    },
    async run(request, signal) {
      const planned = await scaffolder.plan(toFlowRequest(request));
      signal.throwIfAborted();
      const written = await scaffolder.write(planned);
      const retry =
        written.kind === "exists" ? ` To do that, call again with the name "${written.alternative.name.title}".` : "";
      return { text: describeScaffold(written) + retry, data: withoutText(written) };
    },
  });
}

function toFlowRequest({ template, spec, name, folder }: z.infer<typeof input>): FlowRequest {
  if ((template === undefined) === (spec === undefined)) {
    throw new UserError("Give either a template or a spec: one of them says what the flow does.");
  }
  const place = { name, ...(folder === undefined ? {} : { folder }) };
  return spec
    ? { origin: { kind: "spec", spec }, ...place }
    : { origin: { kind: "template", template: template ?? "training" }, ...place };
}

/** The outcome for cards and the command line; the file's text is on disk. */
function withoutText(written: Awaited<ReturnType<FlowScaffolder["write"]>>) {
  const { path, relativePath, name, origin } = written.flow;
  const source = origin.kind === "template" ? origin.template : origin.kind;
  const flow = { path, relativePath, template: source, className: name.className };
  return written.kind === "written"
    ? { kind: written.kind, flow }
    : {
        kind: written.kind,
        flow,
        freeName: written.alternative.name.title,
        freePath: written.alternative.relativePath,
      };
}
