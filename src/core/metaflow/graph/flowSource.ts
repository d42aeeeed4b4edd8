import type { IndentFault } from "../../base/indentation.ts";
import type { TextRange } from "../../base/problems.ts";
import type { PythonImport } from "../../base/pythonImports.ts";
import type { PythonValue } from "./pythonValue.ts";
import type { SourceText } from "./sourceTexts.ts";
import type { StepBody } from "./stepBody.ts";
import type { Tail } from "./tail.ts";

/** What one Python file says about flows: plain data, read without running it. */
export type FlowFile = {
  path: string;
  text: string;
  imports: readonly PythonImport[];
  /** Names that functions, classes and assignments at the top of the file bind. */
  bound: ReadonlySet<string>;
  /** `task = step` at the top of the file: name → the dotted name it stands for. */
  aliases: ReadonlyMap<string, string>;
  /** The decorators of functions at the top of the file, as dotted names. */
  functions: ReadonlyMap<string, readonly string[]>;
  classes: readonly ClassSource[];
  /** Empty where bodies were not read. */
  texts: readonly SourceText[];
  /** The first place that is not Python. */
  syntaxError?: {
    range: TextRange;
    /** What is wrong where that is known; without a colon, the rest was read as if it were there. */
    fault?: "no-colon" | "no-block" | IndentFault;
  };
};

export type ClassSource = {
  name: string;
  /** Of the name. */
  range: TextRange;
  /** Of the line that ends the header, counted from zero, and of the last line of the body. */
  line: number;
  endLine: number;
  bases: readonly { name: string; range: TextRange }[];
  /** From the outermost to the innermost, as written. */
  decorators: readonly DecoratorSource[];
  /** What the body binds, the last binding of a name. */
  members: ReadonlyMap<string, Member>;
  /** Methods behind which another one of the same name stands, unconditionally. */
  replaced: readonly FunctionSource[];
  doc: string;
};

export type Member =
  | { kind: "function"; source: FunctionSource }
  /** `b = a`, or `b = Other.a`. */
  | { kind: "alias"; target: string }
  | { kind: "call"; call: CallSource }
  | { kind: "other"; range: TextRange };

export type FunctionSource = {
  /** As in `def`. */
  name: string;
  /** `async def`. */
  isAsync: boolean;
  range: TextRange;
  /** The whole definition without its decorators. */
  fullRange: TextRange;
  /** Where the first decorator stands, else `def`. */
  firstLine: number;
  decorators: readonly DecoratorSource[];
  /** Parameters that are neither positional-only, nor keyword-only, nor starred: what Metaflow counts. */
  parameterNames: readonly string[];
  /** The parentheses of the parameters. */
  parametersRange: TextRange;
  doc: string;
  tail: Tail;
  /** The last statement, its indentation counted in its column. */
  lastStatement: TextRange;
  /** Not all of it could be read. */
  hasSyntaxErrors: boolean;
  body?: StepBody;
};

/** A function call or decorator with what can be known of its arguments. */
export type CallSource = {
  /** As written: `mf.Parameter`. */
  callee: string;
  range: TextRange;
  positional: readonly ArgumentSource[];
  keywords: ReadonlyMap<string, ArgumentSource>;
  hasSplat: boolean;
};

export type ArgumentSource = {
  value: PythonValue;
  range: TextRange;
  /** Of the keyword's name; absent for a positional argument. */
  nameRange?: TextRange;
};

export type DecoratorSource = CallSource & {
  /** With `@` and arguments. */
  line: number;
  hasArguments: boolean;
};
