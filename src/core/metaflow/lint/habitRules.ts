import { findSecret } from "../../base/secrets.ts";
import type { FunctionSource } from "../graph/flowSource.ts";
import { declarationsOf, isStepMark } from "../graph/linkFlow.ts";
import { originOf } from "../graph/origin.ts";
import type { SourceText } from "../graph/sourceTexts.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { ownSteps } from "./importRules.ts";

/** What runs, and hurts later. */
export const habitRules: readonly Rule[] = [
  { id: "secret-in-code", severity: "warning", about: "a password, key or token in the code", check: checkSecrets },
  {
    id: "absolute-path",
    severity: "information",
    about: "a path that exists on one machine only",
    check: checkPaths,
  },
  {
    id: "repeated-step",
    severity: "warning",
    about: "a step that another one of the same name replaces, so that it never runs",
    check: checkRepeated,
  },
  {
    id: "mutable-default",
    severity: "warning",
    about: "a list, dict or set as a default that all calls share",
    check: checkDefaults,
  },
  {
    id: "unvalidated-parameter",
    severity: "information",
    about: "a number that somebody passes, which the start step does not look at",
    check: checkParameters,
  },
];

/** The methods of the flow that stand in the file itself. */
function ownMethods({ flow, file }: FlowContext): FunctionSource[] {
  const own = [...flow.attributes.values()].filter((attribute) => attribute.file === file);
  return [...new Set(own.flatMap(({ member }) => (member.kind === "function" ? [member.source] : [])))];
}

function checkRepeated({ flow, file, find }: FlowContext): Report[] {
  const steps = flow.source.replaced.filter(({ decorators }) =>
    decorators.some(({ callee }) => isStepMark(originOf(callee, file, find))),
  );
  return steps.map(({ name, range }) => ({
    message: `This *${name}* never runs: another one further down takes its place. Give one of the two another name.`,
    range,
    file,
    step: name,
  }));
}

/** A name that holds nothing but a secret. */
const SECRET_NAME = /(?:^|[._])(?:password|passwd|secret|api_?key|access_?key|auth_?token|private_?key)$/i;

const PLACEHOLDER = /^(?:|x+|\.{3}|\*+|changeme|none|null|todo|<.*>|\$\{?.*|your[-_ ].*)$/i;

/** The whole file is packaged with a flow, so a secret anywhere in it is one of the flow's. */
function checkSecrets({ file }: FlowContext): Report[] {
  const message =
    "This looks like a secret, and everybody with the code has it then. Take it from @secrets or an environment variable.";
  return file.texts.filter(isSecret).map(({ range }) => ({ message, range, file }));
}

function isSecret({ value, target }: SourceText): boolean {
  if (target === undefined) {
    return findSecret(value) !== undefined;
  }
  const isNamedSo = target.startsWith("self.") && SECRET_NAME.test(target) && !PLACEHOLDER.test(value);
  return isNamedSo || findSecret(value) !== undefined || findSecret(`${target} = "${value}"`) !== undefined;
}

const OWN_MACHINE = /^(?:\/(?:home|Users|root|mnt|media|data\d*)\/[^\s*]+|[A-Za-z]:[\\/][^\s*]+)$/;

function checkPaths({ file }: FlowContext): Report[] {
  return file.texts
    .filter(({ value }) => value.length < 300 && OWN_MACHINE.test(value))
    .map(({ value, range }) => ({
      message: `${value} exists on this machine only. Make it a Parameter, a Config or a path relative to the flow.`,
      range,
      file,
    }));
}

function checkDefaults(context: FlowContext): Report[] {
  const { file } = context;
  const methods = ownMethods(context).flatMap(({ body }) => body?.mutableDefaults ?? []);
  const parameters = declarationsOf(context.flow, ["Parameter"], context.find).filter((each) => each.file === file);
  return [
    ...methods.map(({ name, text, range }) => ({
      message: `All calls share this default of \`${name}\`; what one changes, the next one sees. Use None and make ${text.startsWith("[") ? "the list" : "it"} inside.`,
      range,
      file,
    })),
    ...parameters.flatMap(({ call }): Report[] => {
      const written = call.keywords.get("default");
      const isContainer =
        typeof written?.value === "object" && written.value !== null && written.value.kind !== "expression";
      const isJson = call.keywords.has("type");
      return written && isContainer && !isJson
        ? [
            {
              message:
                "A Parameter takes a number, a text or a truth value as its default. For a list or dict, use type=JSONType and a default in JSON.",
              range: written.range,
              file,
            },
          ]
        : [];
    }),
  ];
}

/** Numbers that a person passes: those whose type or default says so. */
function checkParameters(context: FlowContext): Report[] {
  const { flow, graph, find, file } = context;
  const start = graph.nodes.get(graph.start ?? "")?.step;
  const methods = [
    ...(start ? [start.source] : []),
    ...ownMethods(context).filter(({ name }) => /valid|check/i.test(name)),
  ];
  const read = new Set(methods.flatMap(({ body }) => (body?.attributes ?? []).map(({ name }) => name)));
  if (!start || ownSteps(context).length < 2) {
    return [];
  }
  return declarationsOf(flow, ["Parameter"], find).flatMap(({ attribute, call, file: from }): Report[] => {
    const type = call.keywords.get("type")?.value;
    const isNumber =
      typeof call.keywords.get("default")?.value === "number" ||
      (typeof type === "object" && type?.kind === "expression" && /^(int|float)$/.test(type.text));
    return isNumber && from === file && !read.has(attribute)
      ? [
          {
            message: `*${start.name}* does not look at self.${attribute}. A wrong number ends the run sooner and cheaper there than in a later step.`,
            range: call.positional[0]?.range ?? call.range,
            file,
          },
        ]
      : [];
  });
}
