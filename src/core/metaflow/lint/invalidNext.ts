import { closestName } from "../../base/closestName.ts";
import type { Fix } from "../../base/problems.ts";
import type { FlowGraph, FlowNode } from "../graph/flowGraph.ts";
import type { NextArgument } from "../graph/tail.ts";
import { replace } from "./edits.ts";
import type { Report } from "./finding.ts";
import { atNext } from "./stepReports.ts";

const KEYWORDS = ["foreach", "num_parallel", "condition"];

const FORMS =
  'self.next(self.a), self.next(self.a, self.b), self.next(self.a, foreach="items") or self.next({"x": self.a, "y": self.b}, condition="choice")';

type Explanation = { message: string; fixes: Fix[] };

/** Says what of a `self.next` Metaflow cannot read, and repairs it where only one thing can be meant. */
export function explainInvalidNext(node: FlowNode, graph: FlowGraph): Report {
  const { tail } = node.step.source;
  const written = tail.kind === "next" ? tail.arguments : [];
  const explanation =
    aboutKeywords(written) ?? aboutTargets(written, graph) ?? aboutSwitch(written) ?? aboutCount(written);
  const { message, fixes } = explanation ?? { message: `Write ${FORMS}.`, fixes: [] };
  return atNext(node, `Metaflow cannot read the self.next of *${node.name}*. ${message}`, fixes);
}

function aboutKeywords(written: readonly NextArgument[]): Explanation | undefined {
  const unknown = written.find(({ keyword }) => keyword !== undefined && !KEYWORDS.includes(keyword));
  if (unknown?.keyword !== undefined && unknown.keywordRange) {
    const meant = closestName(unknown.keyword.replaceAll("_", ""), KEYWORDS);
    const fixes =
      meant === undefined ? [] : [{ title: `Write ${meant}`, edits: [replace(unknown.keywordRange, meant)] }];
    return {
      message: `It has no argument \`${unknown.keyword}\`; there are foreach, num_parallel and condition.`,
      fixes,
    };
  }
  return written.filter(({ keyword }) => keyword !== undefined).length > 1
    ? { message: "foreach, num_parallel and condition exclude each other.", fixes: [] }
    : undefined;
}

function aboutTargets(written: readonly NextArgument[], { nodes }: FlowGraph): Explanation | undefined {
  const wrong = written.find(({ keyword, type }) => keyword === undefined && !/^(attribute|dictionary)$/.test(type));
  if (!wrong) {
    return undefined;
  }
  const name = /^(?:self\.)?(\w+)(?:\(\))?$/.exec(wrong.text.replace(/^(["'])(.*)\1$/, "$2"))?.[1];
  const isStep = name !== undefined && nodes.has(name);
  const hint =
    wrong.type === "conditional_expression"
      ? ' To choose while it runs, store the choice: self.next({"x": self.a, "y": self.b}, condition="choice").'
      : "";
  return {
    message: `Its targets are written \`self.<step>\`, and \`${wrong.text.slice(0, 60)}\` is not.${hint}`,
    fixes: isStep ? [{ title: `Write self.${name}`, edits: [replace(wrong.range, `self.${name}`)] }] : [],
  };
}

function aboutSwitch(written: readonly NextArgument[]): Explanation | undefined {
  const hasCases = written.some(({ type, keyword }) => type === "dictionary" && keyword === undefined);
  const condition = written.find(({ keyword }) => keyword === "condition");
  if (!hasCases && !condition) {
    return undefined;
  }
  if (!hasCases) {
    return { message: 'condition needs the cases as a dictionary: {"x": self.a, "y": self.b}.', fixes: [] };
  }
  if (!condition) {
    return { message: 'A switch names the artifact that decides: condition="choice".', fixes: [] };
  }
  if (condition.type !== "string") {
    return {
      message: "condition is the name of an artifact, as a string.",
      fixes: quoteArtifact(condition),
    };
  }
  return {
    message:
      "The keys of a switch are strings, numbers, True, False or `self.<config>.<key>`, and its values are steps, `self.<step>`.",
    fixes: [],
  };
}

/** `condition=self.route` can only mean `condition="route"`. */
export function quoteArtifact({ text, range }: NextArgument): Fix[] {
  const name = /^self\.(\w+)$/.exec(text)?.[1];
  return name === undefined ? [] : [{ title: `Write "${name}"`, edits: [replace(range, `"${name}"`)] }];
}

function aboutCount(written: readonly NextArgument[]): Explanation | undefined {
  const targets = written.filter(({ keyword }) => keyword === undefined).length;
  const keyword = written.find((each) => each.keyword !== undefined)?.keyword;
  if (keyword !== undefined && targets !== 1) {
    return { message: `${keyword} goes to exactly one step, and here are ${targets}.`, fixes: [] };
  }
  return targets === 0 ? { message: "It names no step.", fixes: [] } : undefined;
}
