import type { StepSource } from "../graph/linkFlow.ts";
import { declarationsOf } from "../graph/linkFlow.ts";
import type { BodyCall } from "../graph/stepBody.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import { usesOf } from "./artifactFlow.ts";
import { replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { ownSteps } from "./importRules.ts";

/** Data that is not where a step looks for it, and failures that are handled in the wrong way. */
export const dataRules: readonly Rule[] = [
  {
    id: "s3-absolute-url",
    severity: "error",
    about: "a full S3 address in a client that is bound to the run",
    check: (context) => ownSteps(context).flatMap((step) => absoluteUrls(step, context)),
  },
  {
    id: "include-file-missing",
    severity: "error",
    about: "the default of an IncludeFile or a Config does not exist",
    check: checkIncludeFiles,
  },
  {
    id: "catch-variable",
    severity: "warning",
    about: "the variable of @catch is read or written in a way that never works",
    check: checkCatchVariables,
  },
  {
    id: "catch-skips-artifact",
    severity: "warning",
    about: "a step reads what a step with @catch assigns, and not whether it failed",
    check: checkSkippedArtifacts,
  },
  {
    id: "resources-gpu-local",
    severity: "information",
    about: "@resources(gpu=…) does nothing in a local run",
    check: (context) => ownSteps(context).flatMap(gpuOnLaptop),
  },
];

function absoluteUrls(step: StepSource, context: FlowContext): Report[] {
  const calls = step.source.body?.calls ?? [];
  const bound = calls.filter(
    ({ method, keywords }) => method === "S3" && (keywords.has("run") || keywords.has("s3root")),
  );
  const clients = new Set(bound.flatMap(({ boundTo }) => boundTo ?? []));
  const reads = calls.filter(
    ({ callee, method }) => /^(get|info|get_many)$/.test(method) && clients.has(callee.split(".")[0] ?? ""),
  );
  return reads.flatMap(({ arguments: [address] }): Report[] => {
    if (!address) {
      return [];
    }
    const isUrl = typeof address.value === "string" && /^s3[an]?:\/\//.test(address.value);
    const put = isUrl ? undefined : storedUrl(address.text, context);
    if (!isUrl && !put) {
      return [];
    }
    const key = put?.arguments[0]?.text;
    return [
      {
        message: `This S3 client is bound to the run and takes keys, not the full address${put ? " that put() gave" : ""}. Use the key, or a client made with S3().`,
        range: address.range,
        file: step.file,
        step: step.name,
        fixes:
          key !== undefined && /^["']/.test(key)
            ? [{ title: `Use the key ${key}`, edits: [replace(address.range, key)] }]
            : [],
      },
    ];
  });
}

/** The `put` whose result an artifact holds: the full address of what was stored. */
function storedUrl(text: string, { flow }: FlowContext): BodyCall | undefined {
  return /^self\.\w+$/.test(text)
    ? flow.steps
        .flatMap(({ source }) => source.body?.calls ?? [])
        .find(({ method, boundTo }) => method === "put" && boundTo === text)
    : undefined;
}

/** Metaflow looks for the default of an IncludeFile even where another file is given, for that of a Config only where none is. */
function checkIncludeFiles(context: FlowContext): Report[] {
  const { flow, find, file } = context;
  return declarationsOf(flow, ["IncludeFile", "Config"], find).flatMap((declared): Report[] => {
    const written = declared.call.keywords.get("default");
    const path = written?.value;
    const isMissing = typeof path === "string" && !/^\w+:\/\//.test(path) && !context.fileExists(path);
    if (declared.file !== file || !written || !isMissing) {
      return [];
    }
    const isConfig = declared.kind === "Config";
    return [
      {
        message: isConfig
          ? `There is no file ${path}, and without it the flow does not start unless --config names another. Create it, or leave the default away.`
          : `There is no file ${path}, and without it the flow does not start, even with required=False. Create it, or leave the default away.`,
        range: written.range,
        file,
        ...(isConfig ? { severity: "warning" as const } : {}),
      },
    ];
  });
}

type Caught = { step: StepSource; variable: string | undefined };

function caughtSteps(context: FlowContext): Caught[] {
  return context.flow.steps.flatMap((step) => {
    const decorator = step.decorators.find((each) => metaflowName(each) === "catch");
    const variable = decorator?.source.keywords.get("var")?.value;
    return decorator ? [{ step, variable: typeof variable === "string" ? variable : undefined }] : [];
  });
}

function checkCatchVariables(context: FlowContext): Report[] {
  return caughtSteps(context).flatMap(({ step, variable }) =>
    variable === undefined
      ? []
      : [...ownAssignments(step, variable), ...ownSteps(context).flatMap((reader) => wrongReads(reader, variable))],
  );
}

function ownAssignments({ source, file, name }: StepSource, variable: string): Report[] {
  return usesOf(source.body?.attributes ?? [], "write")
    .filter((use) => use.name === variable)
    .map(({ range }) => ({
      message: `@catch(var="${variable}") sets self.${variable} itself: to None, or to the exception. Use another name here.`,
      range,
      file,
      step: name,
    }));
}

function wrongReads({ source, file, name }: StepSource, variable: string): Report[] {
  const { attributes = [], calls = [] } = source.body ?? {};
  const compared = attributes.filter(
    (use) => use.name === variable && use.comparedWith !== undefined && /^(True|False|""|''|0)$/.test(use.comparedWith),
  );
  const asked = calls.filter(({ method, arguments: [, second] }) => method === "hasattr" && second?.value === variable);
  const message = `After @catch(var="${variable}"), ${variable} is None where the step succeeded and the exception where it failed, and always there. Test it as it is: \`if self.${variable}:\`.`;
  return [...compared, ...asked].map(({ range }) => ({ message, range, file, step: name }));
}

function checkSkippedArtifacts(context: FlowContext): Report[] {
  const { graph } = context;
  return caughtSteps(context).flatMap(({ step, variable }) => {
    const before = assignedBefore(step.name, context);
    const risky = new Set(
      usesOf(step.source.body?.attributes ?? [], "write")
        .map(({ name }) => name)
        .filter((name) => !before.has(name)),
    );
    const next = graph.nodes.get(step.name)?.next ?? [];
    return [...new Set(next)].flatMap((name): Report[] => {
      const reader = graph.nodes.get(name)?.step;
      const uses = reader?.source.body?.attributes ?? [];
      const asks = reader?.source.body?.calls.some(({ method }) => /^(has|get)attr$/.test(method)) === true;
      const isChecked = asks || (variable !== undefined && uses.some((use) => use.name === variable));
      const read = uses.find((use) => risky.has(use.name) && use.access === "read");
      return read && reader && !isChecked
        ? [
            {
              message: `If *${step.name}* fails, @catch goes on without ${read.name}, and this line ends the run. ${variable === undefined ? 'Give @catch a variable, as in @catch(var="failure"), and test it first.' : `Test ${variable} first.`}`,
              range: read.range,
              file: reader.file,
              step: reader.name,
            },
          ]
        : [];
    });
  });
}

function assignedBefore(name: string, { graph }: FlowContext): Set<string> {
  const seen = new Set<string>();
  const waiting = [...(graph.nodes.get(name)?.incoming ?? [])];
  const assigned = new Set<string>();
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const node = graph.nodes.get(at);
    if (node && !seen.has(at)) {
      seen.add(at);
      waiting.push(...node.incoming);
      usesOf(node.step.source.body?.attributes ?? [], "write").forEach((use) => assigned.add(use.name));
    }
  }
  return assigned;
}

function gpuOnLaptop({ decorators, file, name }: StepSource): Report[] {
  const resources = decorators.find((each) => metaflowName(each) === "resources");
  const gpu = resources?.source.keywords.get("gpu");
  const isRemote = decorators.some((each) => ["kubernetes", "batch"].includes(metaflowName(each) ?? ""));
  return gpu && gpu.value !== null && gpu.value !== 0 && !isRemote
    ? [
        {
          message:
            "gpu counts only on Kubernetes and Batch. `python flow.py run` starts up to 16 tasks on all GPUs at once; limit it with --max-workers, or start it through Trainyard (`trainyard run -- python flow.py run`), which gives each task its own.",
          range: gpu.nameRange ? { start: gpu.nameRange.start, end: gpu.range.end } : gpu.range,
          file,
          step: name,
        },
      ]
    : [];
}
