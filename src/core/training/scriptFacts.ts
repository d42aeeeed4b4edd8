import { importsIn, type PythonImport } from "../base/pythonImports.ts";
import { stringOf } from "../base/pythonLiteral.ts";
import {
  classesIn,
  decoratorsOf,
  dottedName,
  type PythonCall,
  type PythonNode,
  readCall,
} from "../base/pythonSyntax.ts";
import { type FlowNeeds, flowNeedsIn } from "../metaflow/flowNeeds.ts";
import { type ClassSignature, readClassSignatures } from "./classSignatures.ts";
import { type ParsedScript, parsedScript } from "./parsedScript.ts";
import { NO_ARGUMENTS, type ScriptArguments } from "./scriptArguments.ts";
import { readArgparseArguments } from "./scriptArgumentsArgparse.ts";
import { readClickArguments, readTyperArguments } from "./scriptArgumentsClick.ts";
import { type DataclassEntry, dataclassArguments } from "./scriptArgumentsDataclass.ts";
import { readFlowArguments } from "./scriptArgumentsFlow.ts";
import { type HydraEntry, hydraArguments } from "./scriptArgumentsHydra.ts";
import { type LightningEntry, lightningArguments } from "./scriptArgumentsLightning.ts";
import { type FolderMention, makesFolders, readFolderMentions } from "./scriptFolders.ts";

/** Everything a plan needs to know about one Python file: plain data, read from its syntax tree. */
export type ScriptFacts = {
  /** As people should see it in reasons: `train.py`. */
  label: string;
  hasSyntaxErrors: boolean;
  imports: readonly PythonImport[];
  /** What this file itself declares, whatever a configuration adds. */
  declared: ScriptArguments;
  hydra?: HydraEntry;
  lightning?: LightningEntry;
  dataclasses?: DataclassEntry;
  classes: readonly ClassSignature[];
  folders: readonly FolderMention[];
  makesFolders: boolean;
  /** A callback of Keras goes on from its own backup when the script is started again. */
  restoresItself?: boolean;
  /** A word that tells the script to resume, which no declaration in it shows. */
  resumeWord?: string;
  /** The first `FlowSpec` subclass, and what starting it takes. */
  flow?: FlowNeeds & { name: string; line: number };
};

export function readScriptFacts(root: PythonNode, label: string): ScriptFacts {
  const parsed = parsedScript(root);
  const { calls, constants } = parsed;
  const flow = classesIn(root).find((candidate) => candidate.bases.some((base) => /(?:^|\.)FlowSpec$/.test(base)));
  const hydra = readHydraEntry(root);
  const lightning = calls.find((call) => call.method === "LightningCLI" || call.method.endsWith("LightningCLI"));
  const parser = calls.find((call) => call.method === "HfArgumentParser");
  return {
    label,
    hasSyntaxErrors: root.hasError,
    imports: importsIn(root),
    declared:
      readFlowArguments(parsed) ??
      readClickArguments(parsed) ??
      readTyperArguments(parsed) ??
      readArgparseArguments(parsed) ??
      NO_ARGUMENTS,
    ...(hydra ? { hydra } : {}),
    ...(lightning ? { lightning: readLightningEntry(lightning) } : {}),
    ...(parser ? { dataclasses: readDataclassEntry(parser) } : {}),
    classes: readClassSignatures(root, constants),
    folders: readFolderMentions(parsed),
    makesFolders: makesFolders(parsed),
    ...(calls.some(({ method }) => /(?:^|\.)BackupAndRestore$/.test(method)) ? { restoresItself: true } : {}),
    ...resumeWordOf(parsed),
    ...(flow ? { flow: { name: flow.name, line: flow.line, ...flowNeedsIn(root) } } : {}),
  };
}

/** Detectron2's parser has a switch; nanoGPT's `configurator.py` sets any global variable, of which one says how to begin. */
function resumeWordOf({ calls, constants }: ParsedScript): { resumeWord?: string } {
  if (calls.some(({ method }) => method === "default_argument_parser")) {
    return { resumeWord: "--resume" };
  }
  const isConfigured = calls.some(({ method }) => method === "exec") && constants.has("init_from");
  return isConfigured ? { resumeWord: "--init_from=resume" } : {};
}

/**
 * The arguments of a script: its own, else those of the local modules it imports (a parser often lives in
 * `options.py`). `configs` holds the texts of a Hydra configuration folder by relative path.
 */
export function collectScriptArguments(
  script: ScriptFacts,
  localModules: readonly ScriptFacts[],
  configs: ReadonlyMap<string, string>,
): ScriptArguments {
  const classes = [script, ...localModules].flatMap((module) => module.classes);
  if (script.hydra) {
    return hydraArguments(script.hydra, configs);
  }
  if (script.lightning) {
    return lightningArguments(script.lightning, classes);
  }
  if (script.dataclasses) {
    return dataclassArguments(script.dataclasses, classes);
  }
  if (script.declared.dialect !== "none" && script.declared.arguments.length > 0) {
    return script.declared;
  }
  const elsewhere = localModules.filter((module) => module.declared.arguments.length > 0 && !module.flow);
  const [first] = elsewhere;
  if (!first) {
    return script.declared;
  }
  return {
    dialect: first.declared.dialect,
    arguments: elsewhere.flatMap((module) =>
      module.declared.arguments.map((argument) => ({ ...argument, file: module.label })),
    ),
    isComplete: elsewhere.length === 1 && first.declared.isComplete,
  };
}

function readHydraEntry(root: PythonNode): HydraEntry | undefined {
  const main = root
    .descendantsOfType("function_definition")
    .flatMap((definition) => decoratorsOf(definition))
    .filter((decorator) => decorator.type === "call")
    .map(readCall)
    .find((call) => call.callee === "hydra.main");
  if (!main) {
    return undefined;
  }
  const configPath = stringOf(main.keywords.get("config_path") ?? main.positional[0]);
  const configName = stringOf(main.keywords.get("config_name") ?? main.positional[1]);
  return { ...(configPath ? { configPath } : {}), ...(configName ? { configName } : {}), line: main.line };
}

function readLightningEntry(call: PythonCall): LightningEntry {
  const model = dottedName(call.keywords.get("model_class") ?? call.positional[0]);
  const data = dottedName(call.keywords.get("datamodule_class") ?? call.positional[1]);
  return {
    ...(model ? { model: lastName(model) } : {}),
    ...(data ? { data: lastName(data) } : {}),
    hasSubcommands: call.keywords.get("run")?.text !== "False",
    line: call.line,
  };
}

function readDataclassEntry(call: PythonCall): DataclassEntry {
  const types = call.keywords.get("dataclass_types") ?? call.positional[0];
  const nodes = types?.type === "tuple" || types?.type === "list" ? types.namedChildren : types ? [types] : [];
  return { classes: nodes.flatMap((node) => dottedName(node) ?? []).map(lastName), line: call.line };
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
