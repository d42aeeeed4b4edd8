import { closestName } from "../../base/closestName.ts";
import type { ArgumentSource, CallSource, FlowFile } from "../graph/flowSource.ts";
import { declarationsOf } from "../graph/linkFlow.ts";
import { linesOf, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";

/** What a Parameter, a Config or an IncludeFile is declared with, and Metaflow or Click refuses when the flow starts. */
export const declarationRules: readonly Rule[] = [
  {
    id: "parameter-keyword",
    severity: "error",
    about: "a Parameter, Config or IncludeFile is given a keyword that it does not take",
    check: ownReports(unknownKeywords),
  },
  {
    id: "parameter-name",
    severity: "error",
    about: "a Parameter, Config or IncludeFile without a name that can be an option, or with that of another one",
    check: (context) => [...ownReports(badNames)(context), ...repeatedNames(context)],
  },
  {
    id: "parameter-default",
    severity: "error",
    about: "the type and the default of a Parameter or Config do not go together",
    check: (context) => [...ownReports(badDefaults)(context), ...dateDefaults(context)],
  },
  {
    id: "parameter-arithmetic",
    severity: "error",
    about: "a Parameter is reckoned with in the body of the class, where it has no value yet",
    check: reckonedParameters,
  },
];

type Declaration = ReturnType<typeof declarationsOf>[number];

const KINDS = ["Parameter", "Config", "IncludeFile"];

function ownDeclarations({ flow, file, find }: FlowContext): Declaration[] {
  return declarationsOf(flow, KINDS, find).filter((declared) => declared.file === file);
}

function ownReports(check: (declared: Declaration) => Report[]): Rule["check"] {
  return (context) => ownDeclarations(context).flatMap(check);
}

/** What Metaflow hands on to the option of Click that it makes of a Parameter. */
export const CLICK_KEYWORDS = [
  "prompt",
  "confirmation_prompt",
  "hide_input",
  "is_flag",
  "flag_value",
  "multiple",
  "count",
  "allow_from_autoenv",
  "hidden",
  "show_choices",
  "show_envvar",
  "callback",
  "nargs",
  "metavar",
  "expose_value",
  "is_eager",
  "envvar",
  "autocompletion",
];

/** Metaflow's own keywords. */
export const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  Parameter: ["name", "default", "type", "help", "required", "show_default", "separator"],
  IncludeFile: ["name", "required", "is_text", "encoding", "help", "parser", "default", "show_default"],
  Config: ["name", "default", "default_value", "help", "required", "parser", "plain", "show_default"],
};

function unknownKeywords({ kind, call, file }: Declaration): Report[] {
  const known = KEYWORDS[kind] ?? [];
  return [...call.keywords].flatMap(([name, { nameRange }]): Report[] => {
    if (known.includes(name) || CLICK_KEYWORDS.includes(name) || !nameRange) {
      return [];
    }
    const meant = closestName(name, known);
    const hint = meant === undefined ? `It takes ${known.join(", ")}.` : `Is \`${meant}\` meant?`;
    const effect = kind === "Config" ? "and Metaflow does not look at it" : "and the flow does not start";
    return [
      {
        message: `A ${kind} has no keyword \`${name}\`, ${effect}. ${hint}`.replace("A I", "An I"),
        range: nameRange,
        file,
        ...(kind === "Config" ? { severity: "warning" as const } : {}),
        fixes: meant === undefined ? [] : [{ title: `Write ${meant}`, edits: [replace(nameRange, meant)] }],
      },
    ];
  });
}

function nameOf({ call }: Declaration): ArgumentSource | undefined {
  return call.positional[0] ?? call.keywords.get("name");
}

/** What Click makes a variable of, once dashes are underscores. */
const OPTION_NAME = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

function badNames(declared: Declaration): Report[] {
  const { kind, call, file, attribute } = declared;
  const written = nameOf(declared);
  if (!written) {
    const end = { line: call.range.start.line, column: call.range.start.column + call.callee.length };
    return call.hasSplat
      ? []
      : [
          {
            message: `A ${kind} begins with its name, as in ${call.callee}("${attribute}"); without one the file ends with a TypeError.`,
            range: { start: call.range.start, end },
            file,
          },
        ];
  }
  // The option of a Config is --config, which takes any name as a value.
  if (kind === "Config" || typeof written.value !== "string" || OPTION_NAME.test(written.value)) {
    return [];
  }
  const name = written.value.trim().replaceAll(/[^\p{L}\p{N}_-]+/gu, "_");
  return [
    {
      message: `${JSON.stringify(written.value)} cannot be an option of the command line, and the flow does not start. Use letters, digits, _ and -, and a letter first.`,
      range: written.range,
      file,
      fixes: OPTION_NAME.test(name)
        ? [{ title: `Call it ${name}`, edits: [replace(written.range, JSON.stringify(name))] }]
        : [],
    },
  ];
}

function repeatedNames(context: FlowContext): Report[] {
  const seen = new Map<string, string>();
  const options = ownDeclarations(context).filter(({ kind }) => kind !== "Config");
  const inOrder = options.toSorted((a, b) => a.range.start.line - b.range.start.line);
  return inOrder.flatMap((declared): Report[] => {
    const written = nameOf(declared);
    if (typeof written?.value !== "string") {
      return [];
    }
    const name = written.value.toLowerCase();
    const first = seen.get(name);
    seen.set(name, first ?? declared.attribute);
    return first === undefined
      ? []
      : [
          {
            message: `self.${first} has the name ${JSON.stringify(written.value)} already, upper and lower case being the same, and the flow does not start. Choose another one.`,
            range: written.range,
            file: declared.file,
          },
        ];
  });
}

const TYPE_NAMES = /^(?:int|float|str|bool|JSONType)$/;

function badDefaults({ kind, call, file }: Declaration): Report[] {
  const written = call.keywords.get("default");
  if (kind === "Config") {
    const other = call.keywords.get("default_value");
    const isBoth = written && other && written.value !== null && other.value !== null;
    return isBoth
      ? [
          {
            message:
              "A Config has a default file (default) or a default value (default_value), not both, and the file ends with an error.",
            range: other.range,
            file,
          },
        ]
      : [];
  }
  const type = call.keywords.get("type");
  if (kind === "Parameter" && typeof type?.value === "string") {
    const name = type.value;
    return [
      {
        message: `The type of a Parameter is a Python type, not the text ${JSON.stringify(name)}, and the flow does not start.`,
        range: type.range,
        file,
        fixes: TYPE_NAMES.test(name) ? [{ title: `Write ${name}`, edits: [replace(type.range, name)] }] : [],
      },
    ];
  }
  const typeName = typeof type?.value === "object" && type.value?.kind === "expression" ? type.value.text : "";
  const text = written?.value;
  return written && /^(?:int|float)$/.test(typeName) && typeof text === "string" && !isNumber(text, typeName)
    ? [
        {
          message: `${JSON.stringify(text)} is no ${typeName}, and the flow starts only with a value for this parameter on its command line.`,
          range: written.range,
          file,
        },
      ]
    : [];
}

/** An expression that is surely a date or a time, if its first word comes of the module `datetime`. */
const A_DATE = /^(\w+)(?:\.(?:date|datetime))?(?:\.(?:today|now|utcnow))?\([^()]*\)$/;

/** Metaflow converts each value with the type of the default; those of `datetime` take neither a text nor their own kind. */
function dateDefaults(context: FlowContext): Report[] {
  const { file } = context;
  return ownDeclarations(context).flatMap(({ kind, call }): Report[] => {
    const written = call.keywords.get("default");
    const value = written?.value;
    if (kind !== "Parameter" || !written || call.keywords.has("type") || call.hasSplat || !isExpression(value)) {
      return [];
    }
    const word = A_DATE.exec(value.text)?.[1];
    const origin = file.imports.find(({ local }) => local === word);
    const isDate =
      origin?.module === "datetime" &&
      (origin.name === undefined
        ? /\.(?:date|datetime)(?:\.\w+)?\(/.test(value.text)
        : /^(?:date|datetime)$/.test(origin.name) && !/\.(?:date|datetime)\b/.test(value.text));
    return isDate
      ? [
          {
            message: `A Parameter cannot hold a date, and every run ends with a TypeError. Write \`${value.text}.isoformat()\` and read it in a step with \`fromisoformat\`.`,
            range: written.range,
            file,
            fixes: [{ title: "Write its text", edits: [replace(written.range, `${value.text}.isoformat()`)] }],
          },
        ]
      : [];
  });
}

function isExpression(value: ArgumentSource["value"] | undefined): value is { kind: "expression"; text: string } {
  return typeof value === "object" && value?.kind === "expression";
}

/** `half = lr / 2`, `big = 3 < lr`, `total = lr * steps`: two names or numbers. */
const RECKONED = /^\w+\s*=\s*([A-Za-z_]\w*|[\d.]+)\s*(?:\*\*|\/\/|[-+*/%]|[<>]=?)\s*([A-Za-z_]\w*|[\d.]+)\s*(?:#.*)?$/;

/** What ends with a TypeError where it is given a Parameter. */
const CONVERTS = /^(?:int|float|complex|abs|round|len|range|bin|hex|oct|chr|open)$/;

/** A Parameter answers to every index, so that going through it never ends. */
const GOES_THROUGH = /^(?:list|tuple|set|frozenset|sorted|sum)$/;

/** Methods of the values that people think of, which no Parameter has. */
const OF_VALUES =
  /^(\w+)\.(?:split|strip|lower|upper|title|replace|format|startswith|endswith|join|encode|items|keys|values|get|append|is_integer)$/;

function reckonedParameters(context: FlowContext): Report[] {
  const { flow, file } = context;
  const declared = new Map(
    ownDeclarations(context).flatMap((each) =>
      each.kind === "Parameter" && flow.source.members.has(each.attribute) ? [[each.attribute, each]] : [],
    ),
  );
  return [...flow.source.members].flatMap(([attribute, member]): Report[] => {
    const range = member.kind === "call" ? member.call.range : member.kind === "other" ? member.range : undefined;
    if (!range) {
      return [];
    }
    const isParameter = (name: string) => (declared.get(name)?.range.start.line ?? Infinity) < range.start.line;
    const name = member.kind === "call" ? convertedName(member.call, context) : reckonedName(range, file, isParameter);
    if (name === undefined || !isParameter(name)) {
      return [];
    }
    const callee = member.kind === "call" ? member.call.callee : "";
    const outcome = GOES_THROUGH.test(callee)
      ? "going through it never ends"
      : `the file ends with ${OF_VALUES.test(callee) ? "an AttributeError" : "a TypeError"} here`;
    const message = `\`${name}\` has no value before the flow runs, and ${outcome}. Work \`${attribute}\` out in a step, from \`self.${name}\`.`;
    return [{ message, range, file }];
  });
}

/** The Parameter in `half = lr / 2`. What has another name may be made for such arithmetic. */
function reckonedName(
  { start, end }: Report["range"],
  file: FlowFile,
  isParameter: (name: string) => boolean,
): string | undefined {
  const text = start.line === end.line ? (linesOf(file)[start.line] ?? "").slice(start.column, end.column) : "";
  const operands = (RECKONED.exec(text) ?? []).slice(1);
  return operands.every((operand) => /^[\d.]+$/.test(operand) || isParameter(operand))
    ? operands.find(isParameter)
    : undefined;
}

/** The name in `int(lr)`, `round(lr, 2)`, `sorted(lr)` and `columns.split(",")`. */
function convertedName({ callee, positional: [first] }: CallSource, { file, flow }: FlowContext): string | undefined {
  if (CONVERTS.test(callee) || GOES_THROUGH.test(callee)) {
    const isOwn =
      file.bound.has(callee) || flow.source.members.has(callee) || file.imports.some(({ local }) => local === callee);
    return !isOwn && isExpression(first?.value) ? first.value.text : undefined;
  }
  return OF_VALUES.exec(callee)?.[1];
}

/** As Python's `int` and `float` read a text. */
function isNumber(text: string, type: string): boolean {
  const plain = text.trim().replaceAll(/(?<=\d)_(?=\d)/g, "");
  return type === "int"
    ? /^[+-]?\d+$/.test(plain)
    : /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)$/i.test(plain);
}
