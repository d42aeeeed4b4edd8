import { resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { buildGraph, type FlowGraph } from "../../core/metaflow/graph/flowGraph.ts";
import { flowPicture } from "../../core/metaflow/graph/flowPicture.ts";
import { type Flow, flowsIn } from "../../core/metaflow/graph/linkFlow.ts";
import { type GraphOutput, outputSteps } from "../../core/metaflow/graph/outputSteps.ts";
import { readFlowText } from "../../core/metaflow/graph/readFlowText.ts";
import { renderDot } from "../../core/metaflow/graph/renderDot.ts";
import { renderGraphText } from "../../core/metaflow/graph/renderGraphText.ts";
import { type FlowSources, runnableFlows } from "../../core/metaflow/graph/runnableFlows.ts";
import { type CliCall, type CliVerb, onlyWord, UsageError } from "../base/cliVerb.ts";
import { optimizeParserLater } from "../base/optimizeLater.ts";
import { loadPythonParser } from "../base/pythonParser.ts";
import { readSource } from "../base/readSource.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { loadFlowSources } from "./flowSources.ts";

const FORMATS = ["json", "dot", "svg"] as const;

export const graphVerb: CliVerb = {
  ...VERB_TEXTS.graph,
  options: {
    json: { type: "boolean", help: "print the graph as Metaflow itself gives it to other programs" },
    dot: { type: "boolean", help: "print the graph for Graphviz" },
    svg: { type: "boolean", help: "print a drawing of the graph" },
    flow: { type: "string", value: "class", help: "the flow to print, where a file has several" },
  },
  async run(call) {
    const formats = FORMATS.filter((format) => call.options[format] === true);
    if (formats.length > 1) {
      throw new UsageError(`--${formats.join(" and --")} exclude each other.`);
    }
    const path = resolve(call.root, onlyWord(call, "A flow file"));
    const text = await readSource(path);
    if (text === undefined) {
      throw new UserError(`${path} cannot be read. Name a Python file.`);
    }
    optimizeParserLater();
    const [parser, load] = await Promise.all([loadPythonParser(), loadFlowSources(text, { path, roots: [call.root] })]);
    const sources = load(parser);
    const file = readFlowText(parser, { path, text, hasBodies: false });
    const flows = runnableFlows(flowsIn(file, sources.find), file);
    if (flows.length === 0 && file.syntaxError) {
      const line = file.syntaxError.range.start.line + 1;
      throw new UserError(
        `${path} is not Python from line ${line} on, and no flow can be read. Correct it, then ask again.`,
      );
    }
    const flow = chooseFlow(flows, call, path);
    call.host.print(await render(buildGraph(flow), formats[0], sources));
    return 0;
  },
};

function chooseFlow(flows: readonly Flow[], call: CliCall, path: string): Flow {
  const wanted = call.options["flow"];
  const names = flows.map(({ name }) => name).join(", ");
  if (flows.length === 0) {
    throw new UserError(`${path} has no Metaflow flow: no class that is built on FlowSpec and has a start or an end.`);
  }
  const found = typeof wanted === "string" ? flows.filter(({ name }) => name === wanted) : flows;
  const [flow] = found;
  if (!flow) {
    throw new UserError(`${path} has no flow ${String(wanted)}. It has ${names}.`);
  }
  if (found.length > 1) {
    throw new UserError(`${path} has several flows: ${names}. Choose one with --flow.`);
  }
  return flow;
}

async function render(
  graph: FlowGraph,
  format: (typeof FORMATS)[number] | undefined,
  sources: FlowSources,
): Promise<string> {
  if (format === "json") {
    return JSON.stringify(requireOutput(graph, sources), null, 4);
  }
  if (format === "dot") {
    return renderDot(graph);
  }
  return format === "svg" ? renderSvgOf(graph) : renderGraphText(graph);
}

function requireOutput(graph: FlowGraph, { find }: FlowSources): GraphOutput {
  const output = outputSteps(graph, find);
  if (!output) {
    const missing = [graph.start === undefined ? "start" : [], graph.end === undefined ? "end" : []].flat();
    throw new UserError(`${graph.flow.name} has no ${missing.join(" and no ")} step. \`trainyard check\` says more.`);
  }
  return output;
}

async function renderSvgOf(graph: FlowGraph): Promise<string> {
  const { layoutPicture, MAX_BOXES } = await import("../../core/base/drawing/layoutPicture.ts");
  const { renderSvg, STANDALONE_STYLE } = await import("../../core/base/drawing/renderSvg.ts");
  if (graph.nodes.size > MAX_BOXES) {
    throw new UserError(
      `${graph.flow.name} has ${graph.nodes.size} steps, and a drawing shows at most ${MAX_BOXES}. Use --dot with Graphviz.`,
    );
  }
  return renderSvg(layoutPicture(flowPicture(graph)), { style: STANDALONE_STYLE });
}
