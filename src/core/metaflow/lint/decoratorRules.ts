import type { Fix } from "../../base/problems.ts";
import type { ArgumentSource } from "../graph/flowSource.ts";
import { KNOWN_DECORATORS } from "../graph/knownDecorators.ts";
import type { ResolvedDecorator } from "../graph/linkFlow.ts";
import type { PythonValue } from "../graph/pythonValue.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import { replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";

/** What a decorator is given and Metaflow refuses, some of it only once the flow is sent to a cluster. */
export const decoratorRules: readonly Rule[] = [
  {
    id: "decorator-argument",
    severity: "error",
    about: "a decorator of Metaflow is given a value without the name of its attribute",
    check: (context) => ownDecorators(context).flatMap(unnamedArguments),
  },
  {
    id: "decorator-value",
    severity: "error",
    about: "an attribute of a decorator is missing, or has a value that Metaflow does not take",
    check: (context) => ownDecorators(context).flatMap((own) => [...missingAttributes(own), ...wrongValues(own)]),
  },
];

type OwnDecorator = { name: string; decorator: ResolvedDecorator; step?: string };

function ownDecorators({ flow, file }: FlowContext): OwnDecorator[] {
  const ofSteps = flow.steps.flatMap((step) => step.decorators.map((decorator) => ({ decorator, step: step.name })));
  const all = [...flow.decorators.map((decorator) => ({ decorator })), ...ofSteps];
  // A step that has two names is two steps.
  const once = [...new Map(all.toReversed().map((each) => [each.decorator.source, each])).values()].toReversed();
  return once.flatMap((each) => {
    const name = metaflowName(each.decorator);
    const isOwn = each.decorator.file === file && name !== undefined && Object.hasOwn(KNOWN_DECORATORS, name);
    return isOwn ? [{ ...each, name }] : [];
  });
}

function reportAt(
  { decorator, step }: OwnDecorator,
  range: Report["range"],
  message: string,
  fixes: Fix[] = [],
): Report {
  return { message, range, file: decorator.file, fixes, ...(step === undefined ? {} : { step }) };
}

function atDecorator(own: OwnDecorator, message: string): Report {
  const { callee, range } = own.decorator.source;
  const end = { line: range.start.line, column: range.start.column + callee.length };
  return reportAt(own, { start: range.start, end }, message);
}

/** What people mean by the only value that they give; the other decorators have no attribute that stands out. */
const FIRST_ATTRIBUTE: Readonly<Record<string, string>> = {
  retry: "times",
  catch: "var",
  card: "type",
  environment: "vars",
  secrets: "sources",
  project: "name",
  trigger: "event",
  trigger_on_finish: "flow",
  schedule: "cron",
  pypi: "packages",
  conda: "packages",
  pypi_base: "packages",
  conda_base: "packages",
};

function unnamedArguments(own: OwnDecorator): Report[] {
  const { name, decorator } = own;
  const { positional, keywords, callee, hasSplat } = decorator.source;
  const [first] = positional;
  if (!first || hasSplat) {
    return [];
  }
  const attribute = FIRST_ATTRIBUTE[name];
  const isCertain = attribute !== undefined && positional.length === 1 && !keywords.has(attribute);
  const written = attribute === undefined ? "" : ` Write \`${attribute}=\` in front.`;
  const edits = [replace({ start: first.range.start, end: first.range.start }, `${attribute}=`)];
  return [
    reportAt(
      own,
      first.range,
      `@${callee} takes its attributes by name, and the file ends with an error here.${written}`,
      isCertain ? [{ title: `Write ${attribute}=`, edits }] : [],
    ),
  ];
}

/** Of each list, exactly one has to be there. */
const REQUIRED: Readonly<Record<string, { names: readonly string[]; example: string }>> = {
  timeout: { names: ["seconds", "minutes", "hours"], example: "@timeout(minutes=30)" },
  project: { names: ["name"], example: '@project(name="digits")' },
  trigger: { names: ["event", "events"], example: '@trigger(event="data_arrived")' },
  trigger_on_finish: { names: ["flow", "flows"], example: '@trigger_on_finish(flow="TrainFlow")' },
};

const EXCLUSIVE = new Set(["trigger", "trigger_on_finish"]);

function missingAttributes(own: OwnDecorator): Report[] {
  const { name, decorator } = own;
  const { positional, keywords, hasSplat, callee } = decorator.source;
  const required = Object.hasOwn(REQUIRED, name) ? REQUIRED[name] : undefined;
  if (!required || hasSplat || positional.length > 0) {
    return [];
  }
  const given = required.names.filter((each) => keywords.has(each));
  if (given.length > 1 && EXCLUSIVE.has(name)) {
    return [atDecorator(own, `@${callee} takes ${given.join(" or ")}, not both, and the flow does not start.`)];
  }
  if (name === "timeout" && given.length > 0 && given.every((each) => isZero(keywords.get(each)?.value))) {
    const isCut = given.some((each) => isFraction(keywords.get(each)?.value));
    return [
      atDecorator(
        own,
        `@${callee} of no time at all keeps the flow from starting${isCut ? ", and Metaflow cuts fractions off" : ""}. ${required.example} is one of half an hour.`,
      ),
    ];
  }
  // A misspelt attribute is named elsewhere.
  const isMisspelt = [...keywords.keys()].some((each) => !Object.hasOwn(KNOWN_DECORATORS[name]?.defaults ?? {}, each));
  return given.length > 0 || isMisspelt
    ? []
    : [
        atDecorator(
          own,
          `@${callee} needs ${required.names.join(" or ")}, as in \`${required.example}\`; without it the flow does not start.`,
        ),
      ];
}

function isZero(value: PythonValue | undefined): boolean {
  return value === "0" || (typeof value === "number" && Math.trunc(value) === 0);
}

function isFraction(value: PythonValue | undefined): value is number {
  return typeof value === "number" && !Number.isInteger(value);
}

/** Metaflow's MAX_ATTEMPTS, less the first attempt and the one for @catch. */
const MAX_RETRIES = 4;

const SIZES = /^(?:cpu|gpu|memory|disk|shared_memory|tmpfs_size|inferentia|trainium|efa)$/;
const COMPUTE = new Set(["resources", "kubernetes", "batch"]);
const DICTIONARIES: Readonly<Record<string, string>> = {
  "environment.vars": '{"NAME": "value"}',
  "pypi.packages": '{"torch": "2.5.1"}',
  "conda.packages": '{"pytorch": "2.5.1"}',
  "conda.libraries": '{"pytorch": "2.5.1"}',
  "pypi_base.packages": '{"torch": "2.5.1"}',
  "conda_base.packages": '{"pytorch": "2.5.1"}',
  "conda_base.libraries": '{"pytorch": "2.5.1"}',
};

function wrongValues(own: OwnDecorator): Report[] {
  return [...own.decorator.source.keywords].flatMap(([attribute, written]): Report[] => {
    const place = `${own.name}.${attribute}`;
    if (place === "retry.times") {
      return wrongRetries(own, written);
    }
    if (own.name === "timeout") {
      return wrongTime(own, attribute, written);
    }
    if (place === "project.name") {
      return wrongProject(own, written);
    }
    if (place === "secrets.sources" && typeof written.value === "string") {
      return [singleSecret(own, written, written.value)];
    }
    const example = Object.hasOwn(DICTIONARIES, place) ? DICTIONARIES[place] : undefined;
    if (example !== undefined) {
      const isOther = isPlain(written) || isSequence(written);
      return isOther
        ? [reportAt(own, written.range, `${attribute} of @${own.name} is a dictionary, as in \`${example}\`.`)]
        : [];
    }
    return COMPUTE.has(own.name) && SIZES.test(attribute) ? wrongSize(own, attribute, written) : [];
  });
}

function isPlain({ value }: ArgumentSource): boolean {
  return value !== null && typeof value !== "object";
}

function isSequence({ value }: ArgumentSource): boolean {
  return typeof value === "object" && value?.kind === "sequence";
}

function wrongRetries(own: OwnDecorator, written: ArgumentSource): Report[] {
  const { value } = written;
  // Python cuts a number off, but takes no text of one with a fraction.
  const times = typeof value === "number" ? Math.trunc(value) : isPlain(written) ? Number(value) : 0;
  if (Number.isInteger(times) && times <= MAX_RETRIES) {
    return [];
  }
  const message = Number.isInteger(times)
    ? `Metaflow tries a step again ${MAX_RETRIES} times at most, and refuses this flow.`
    : "times of @retry is a whole number, and the flow does not start.";
  const fixes = Number.isInteger(times)
    ? [{ title: `Retry ${MAX_RETRIES} times`, edits: [replace(written.range, String(MAX_RETRIES))] }]
    : [];
  return [reportAt(own, written.range, message, fixes)];
}

function wrongTime(own: OwnDecorator, attribute: string, { value, range }: ArgumentSource): Report[] {
  if (typeof value === "string" && !/^\s*[+-]?\d+\s*$/.test(value)) {
    return [reportAt(own, range, `${attribute} of @timeout is a whole number, and the flow does not start.`)];
  }
  return isFraction(value) && Math.trunc(value) !== 0
    ? [
        {
          ...reportAt(
            own,
            range,
            `Metaflow cuts ${value} ${attribute} down to ${Math.trunc(value)}. Write it in smaller units.`,
          ),
          severity: "warning",
        },
      ]
    : [];
}

function singleSecret(own: OwnDecorator, { range }: ArgumentSource, name: string): Report {
  const listed = `[${JSON.stringify(name)}]`;
  return reportAt(
    own,
    range,
    `sources of @secrets is a list. Of a text, Metaflow takes each letter for a secret, and the step fails.`,
    [{ title: `Write ${listed}`, edits: [replace(range, listed)] }],
  );
}

function wrongProject(own: OwnDecorator, written: ArgumentSource): Report[] {
  const { value } = written;
  if (typeof value !== "string" || /^[a-z0-9_]{1,128}$/.test(value)) {
    return [];
  }
  const name = value
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  const isName = /^[a-z0-9_]{1,128}$/.test(name);
  return [
    reportAt(
      own,
      written.range,
      "The name of a project holds lower-case letters, digits and _ only, 128 of them at most; Metaflow refuses another.",
      isName ? [{ title: `Call it ${name}`, edits: [replace(written.range, JSON.stringify(name))] }] : [],
    ),
  ];
}

const UNITS: Readonly<Record<string, number>> = { m: 1, mb: 1, mi: 1, mib: 1, g: 1000, gb: 1000, gi: 1024, gib: 1024 };

function wrongSize(own: OwnDecorator, attribute: string, written: ArgumentSource): Report[] {
  const { value, range } = written;
  if (typeof value !== "string" || Number.isFinite(Number(value))) {
    return [];
  }
  const isSize = !/^(?:cpu|gpu|inferentia|trainium|efa)$/.test(attribute);
  const [, amount = "", unit = ""] = /^\s*(\d+)\s*([a-z]+)\s*$/i.exec(value) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  const megabytes = factor === undefined || !isSize ? undefined : String(Number(amount) * factor);
  const report = reportAt(
    own,
    range,
    `${attribute} of @${own.name} is a plain number${isSize ? " of megabytes" : ""}; Kubernetes and Batch refuse ${JSON.stringify(value)}.`,
    megabytes !== undefined ? [{ title: `Write ${megabytes}`, edits: [replace(range, megabytes)] }] : [],
  );
  // A local run does not look at what @resources asks for.
  return own.name === "resources" ? [{ ...report, severity: "warning" }] : [report];
}
