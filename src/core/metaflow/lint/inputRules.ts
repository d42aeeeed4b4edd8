import { closestName } from "../../base/closestName.ts";
import type { Fix } from "../../base/problems.ts";
import type { FlowNode } from "../graph/flowGraph.ts";
import type { AttributeUse } from "../graph/stepBody.ts";
import { assignedIn, mergeNames, usesOf } from "./artifactFlow.ts";
import { type AssignedArtifacts, assignedArtifacts } from "./assignedArtifacts.ts";
import { insertAt, replace } from "./edits.ts";
import type { FlowContext, Report, Rule } from "./finding.ts";
import { failureIn, stepList } from "./stepReports.ts";

/** What a step asks of the tasks before it: its element of a foreach, and what a join is given. */
export const inputRules: readonly Rule[] = [
  {
    id: "unknown-input",
    severity: "error",
    about: "a join reads a step or an artifact that its inputs do not have",
    check: checkInputs,
  },
  {
    id: "input-outside-foreach",
    severity: "warning",
    about: "self.input or self.index in a step that no foreach surrounds, where it is None",
    check: checkElement,
  },
  {
    id: "merge-arguments",
    severity: "error",
    about: "merge_artifacts outside of a join, without the inputs, or with include and exclude at once",
    check: checkMergeCalls,
  },
];

/** The steps that can be reached and stand in the file itself. */
function ownNodes({ graph, file }: FlowContext): FlowNode[] {
  return graph.order.flatMap((name) => graph.nodes.get(name) ?? []).filter(({ step }) => step.file === file);
}

function checkInputs(context: FlowContext): Report[] {
  const found = assignedArtifacts(context);
  return found === undefined
    ? []
    : ownNodes(context)
        .filter(
          ({ type, argumentCount, step }) =>
            type === "join" && argumentCount === 2 && step.source.body?.inputNames !== undefined,
        )
        .flatMap((join) => [
          ...unknownSteps(join),
          ...stepsInBrackets(join),
          ...unknownArtifacts(join, found, context),
          ...unknownMerged(join, found, context),
        ]);
}

/** Attributes that Metaflow's own `Inputs` has beside the steps. */
const OF_INPUTS = new Set(["flows"]);

function unknownSteps(join: FlowNode): Report[] {
  const { step, incoming } = join;
  const inputs = step.source.parameterNames[1] ?? "";
  const { outcome, ...serious } = failureIn(step);
  return usesIn(join)
    .filter(({ owner, name }) => owner === inputs && !incoming.includes(name) && isJudged(name) && !OF_INPUTS.has(name))
    .map(({ name, range }) => {
      const meant = closestName(name, incoming);
      const hint =
        meant === undefined
          ? `They are of ${stepList(incoming)}; write \`${inputs}.${incoming[0]}\`, or \`[each.${name} for each in ${inputs}]\`.`
          : `Is \`${inputs}.${meant}\` meant?`;
      return {
        ...serious,
        message: `The inputs of *${join.name}* have no step \`${name}\`, and ${outcome}. ${hint}`,
        range,
        file: step.file,
        step: join.name,
        fixes: renameFix(`${inputs}.${name}`, meant && `${inputs}.${meant}`, range),
      };
    });
}

/** `inputs["work"].x`: only a number chooses one of the inputs. */
function stepsInBrackets(join: FlowNode): Report[] {
  const { step, incoming } = join;
  const inputs = step.source.parameterNames[1] ?? "";
  const { outcome, ...serious } = failureIn(step);
  return usesIn(join).flatMap(({ owner, key }): Report[] => {
    if (key === undefined || owner !== `${inputs}[]`) {
      return [];
    }
    const meant = incoming.find((name) => name === key.text) ?? closestName(key.text, incoming);
    const hint = meant === undefined ? `They are of ${stepList(incoming)}.` : `Write \`${inputs}.${meant}\`.`;
    return [
      {
        ...serious,
        message: `The inputs of *${join.name}* are no dictionary, and ${outcome}. ${hint}`,
        range: key.range,
        file: step.file,
        step: join.name,
        fixes:
          meant === undefined ? [] : [{ title: `Write ${inputs}.${meant}`, edits: [replace(key.range, `.${meant}`)] }],
      },
    ];
  });
}

function unknownArtifacts(join: FlowNode, found: AssignedArtifacts, { graph }: FlowContext): Report[] {
  const { step, incoming } = join;
  const inputs = step.source.parameterNames[1] ?? "";
  const { outcome, ...serious } = failureIn(step);
  return usesIn(join).flatMap(({ owner, name, range, key }): Report[] => {
    const from = sourcesOf(owner, { inputs, join });
    const there = new Set(from.flatMap((each) => artifactsOf(graph.nodes.get(each), found)));
    if (from.length === 0 || key !== undefined || there.has(name) || !isJudged(name) || found.asked.has(name)) {
      return [];
    }
    const meant = closestName(name, [...there]);
    const written = owner.replace("[]", "[…]");
    const hint = meant === undefined ? "Assign it there, or in a step before." : `Is \`${meant}\` meant?`;
    const word = { start: { line: range.end.line, column: range.end.column - name.length }, end: range.end };
    return [
      {
        ...serious,
        message: `\`${written}.${name}\` is not there: ${stepList(from.length === 1 ? from : incoming)} ${from.length === 1 ? "does" : "do"} not have self.${name}, and ${outcome}. ${hint}`,
        range,
        file: step.file,
        step: join.name,
        fixes: renameFix(name, meant, word),
      },
    ];
  });
}

/** What `merge_artifacts` is told to take, and no task has. */
function unknownMerged(join: FlowNode, found: AssignedArtifacts, { graph }: FlowContext): Report[] {
  const { step, incoming } = join;
  const there = new Set(incoming.flatMap((each) => artifactsOf(graph.nodes.get(each), found)));
  const { outcome, ...serious } = failureIn(step);
  const calls = (step.source.body?.calls ?? []).filter(
    ({ callee, isGuarded }) => callee === "self.merge_artifacts" && !isGuarded,
  );
  return calls.flatMap((call): Report[] => {
    const missing = (mergeNames(call).include ?? []).filter((name) => isJudged(name) && !there.has(name));
    return missing.map((name) => ({
      ...serious,
      message: `No step before *${join.name}* has self.${name}, which merge_artifacts is to include, and ${outcome}.`,
      range: call.range,
      file: step.file,
      step: join.name,
    }));
  });
}

function usesIn({ step }: FlowNode): AttributeUse[] {
  return (step.source.body?.attributes ?? []).filter(({ access, isGuarded }) => access === "read" && !isGuarded);
}

/** Names with an underscore in front are Metaflow's own, and none of a person's. */
function isJudged(name: string): boolean {
  return !name.startsWith("_");
}

/** The steps whose tasks an expression of a join can stand for. */
function sourcesOf(owner: string, { inputs, join }: { inputs: string; join: FlowNode }): readonly string[] {
  const [first, second, ...rest] = owner.split(".");
  if (first === inputs && second !== undefined && rest.length === 0) {
    return join.incoming.filter((name) => name === second);
  }
  const isElement = owner === `${inputs}[]` || join.step.source.body?.inputNames?.has(owner) === true;
  return isElement ? join.incoming : [];
}

function artifactsOf(node: FlowNode | undefined, { artifacts }: AssignedArtifacts): string[] {
  return node ? [...artifacts.always, ...(artifacts.before.get(node.name) ?? []), ...assignedIn(node.step.source)] : [];
}

function renameFix(written: string, meant: string | undefined, range: AttributeUse["range"]): Fix[] {
  return meant === undefined || meant === written ? [] : [{ title: `Write ${meant}`, edits: [replace(range, meant)] }];
}

/** Only the steps between a foreach and its join have an element. */
function checkElement(context: FlowContext): Report[] {
  const { flow, graph } = context;
  return flow.isComplete && !flow.file.syntaxError
    ? ownNodes(context).flatMap((node): Report[] => {
        // A join has left the split that it joins.
        const around = node.type === "join" ? node.splitParents.slice(0, -1) : node.splitParents;
        if (around.some((name) => graph.nodes.get(name)?.type === "foreach")) {
          return [];
        }
        const uses = usesOf(node.step.source.body?.attributes ?? [], "read").filter(
          ({ name, comparedWith, isTested }) =>
            /^(?:input|index)$/.test(name) && !flow.attributes.has(name) && comparedWith !== "None" && !isTested,
        );
        return uses.map(({ name, range }) => ({
          message: `self.${name} is None in *${node.name}*: no foreach surrounds this step. ${node.type === "join" ? "A join reads what the tasks stored, as in `[each.x for each in inputs]`." : 'Start it with self.next(self.…, foreach="…"), or read the artifact itself.'}`,
          range,
          file: node.step.file,
          step: node.name,
        }));
      })
    : [];
}

function checkMergeCalls(context: FlowContext): Report[] {
  return ownNodes(context).flatMap((node): Report[] => {
    const { file, source } = node.step;
    const calls = (source.body?.calls ?? []).filter(
      ({ callee, isGuarded }) => callee === "self.merge_artifacts" && !isGuarded,
    );
    return calls.flatMap((call): Report[] => {
      const {
        arguments: [first],
        keywords,
        hasSplat,
        range,
        callee,
      } = call;
      const at = { range, file, step: node.name };
      const inputs = source.parameterNames[1];
      if (inputs === undefined) {
        return [
          {
            ...at,
            message: `*${node.name}* is no join, and merge_artifacts ends the run in any other step. Artifacts go from step to step by themselves.`,
          },
        ];
      }
      if (first === undefined && !keywords.has("inputs") && !hasSplat) {
        const start = { line: range.start.line, column: range.start.column + callee.length + 1 };
        const text = keywords.size > 0 ? `${inputs}, ` : inputs;
        return [
          {
            ...at,
            message: `merge_artifacts needs the inputs it merges, and ends the run without them.`,
            fixes: [{ title: `Merge ${inputs}`, edits: [insertAt(start.line, start.column, text)] }],
          },
        ];
      }
      const { include = [], exclude = [] } = mergeNames(call);
      return include.length > 0 && exclude.length > 0
        ? [{ ...at, message: "merge_artifacts takes include or exclude, not both. Remove one of them." }]
        : [];
    });
  });
}
