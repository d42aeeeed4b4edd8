import { rangeBetween } from "../../base/textPosition.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import { replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { atName } from "./stepReports.ts";

/** What the schedulers that a flow is deployed to do not take. A flow names its scheduler in a usage text or a call. */
export const deployRules: readonly Rule[] = [
  {
    id: "schedule-option",
    severity: "warning",
    about: "a usage text with a schedule option that the command line does not have",
    check: checkOptions,
  },
  { id: "schedule-cron", severity: "error", about: "a cron with the wrong number of fields", check: checkCron },
  {
    id: "step-functions-switch",
    severity: "error",
    about: "a switch in a flow for Step Functions",
    check: (context) =>
      isFor(context, /step[-_]functions/)
        ? nodes(context, "split-switch").map((node) =>
            atName(node, `Step Functions does not run switches, and *${node.name}* is one. Argo Workflows does.`),
          )
        : [],
  },
  {
    id: "airflow-foreach",
    severity: "error",
    about: "a foreach in a foreach, in a flow for Airflow",
    check: (context) => (isFor(context, /\bairflow\s+create\b/) ? nestedForeach(context) : []),
  },
];

function isFor({ file }: FlowContext, scheduler: RegExp): boolean {
  return scheduler.test(file.text);
}

function nodes({ graph }: FlowContext, type: FlowNode["type"]): FlowNode[] {
  return [...graph.nodes.values()].filter((node) => node.type === type);
}

function nestedForeach(context: FlowContext): Report[] {
  return nodes(context, "foreach")
    .filter(({ splitParents }) => splitParents.some((name) => context.graph.nodes.get(name)?.type === "foreach"))
    .map((node) => atName(node, `Airflow does not run a foreach inside of another, and *${node.name}* is one.`));
}

const OPTION = /(argo-workflows|step-functions)\s+create\b[^\n]*?(--(?:schedule|cron)[\w-]*)/g;

function checkOptions({ file }: FlowContext): Report[] {
  return [...file.text.matchAll(OPTION)].map((match) => {
    const option = match[2] ?? "";
    const end = match.index + match[0].length;
    return {
      message: `${match[1]} create has no option ${option}. A schedule stands above the class: @schedule(cron="0 0 * * ? *") or @schedule(daily=True).`,
      range: rangeBetween(file.text, end - option.length, end),
      file,
    };
  });
}

function checkCron(context: FlowContext): Report[] {
  const { flow, file } = context;
  const schedules = flow.decorators.filter((each) => each.file === file && metaflowName(each) === "schedule");
  return schedules.flatMap(({ source }): Report[] => {
    const cron = source.keywords.get("cron");
    const fields = typeof cron?.value === "string" ? cron.value.trim().split(/\s+/) : [];
    if (!cron || fields.length === 0 || fields.length === 6) {
      return [];
    }
    const [minute, hour, day, month, weekday] = fields;
    // In the six fields of EventBridge one of the two days is a question mark.
    const isPlain = fields.length === 5 && weekday === "*";
    const six = `${minute} ${hour} ${day} ${month} ? *`;
    // Argo Workflows takes five as well, and nothing else takes a timezone.
    if (fields.length === 5 && source.keywords.has("timezone")) {
      return [];
    }
    return fields.length === 5
      ? [
          {
            message: `This cron has five fields, which Step Functions refuses; it takes six, the last one the year.`,
            range: cron.range,
            file,
            severity: isFor(context, /step[-_]functions/) ? "warning" : "information",
            fixes: isPlain ? [{ title: `Write "${six}"`, edits: [replace(cron.range, `"${six}"`)] }] : [],
          },
        ]
      : [{ message: `A cron has five or six fields, and this one has ${fields.length}.`, range: cron.range, file }];
  });
}
