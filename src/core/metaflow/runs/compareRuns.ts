import { type FlowArtifact, type FlowRun, type StepStatus, statusByStep } from "./flowRun.ts";

/** A run with what it was given and what it left. */
export type ReadRun = { run: FlowRun; parameters: readonly FlowArtifact[]; results: readonly FlowArtifact[] };

/** One name on both sides; a side that lacks it has none. */
export type ComparedArtifact = { name: string; before?: FlowArtifact; after?: FlowArtifact; isSame: boolean };

export type ComparedStep = { name: string; before?: StepStatus; after?: StepStatus };

export type FlowComparison = {
  before: FlowRun;
  after: FlowRun;
  parameters: readonly ComparedArtifact[];
  results: readonly ComparedArtifact[];
  /** In the order in which they ran. */
  steps: readonly ComparedStep[];
};

/** What differs between two runs. Artifacts are the same where their contents are, whether they can be shown or not. */
export function compareRuns(before: ReadRun, after: ReadRun, now: number): FlowComparison {
  return {
    before: before.run,
    after: after.run,
    parameters: pairUp(before.parameters, after.parameters),
    results: pairUp(before.results, after.results),
    steps: stepsOf(before.run, after.run, now),
  };
}

function pairUp(before: readonly FlowArtifact[], after: readonly FlowArtifact[]): ComparedArtifact[] {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names].toSorted().map((name) => {
    const old = before.find((each) => each.name === name);
    const fresh = after.find((each) => each.name === name);
    const isSame = old !== undefined && fresh !== undefined && isEqual(old, fresh);
    return { name, ...(old ? { before: old } : {}), ...(fresh ? { after: fresh } : {}), isSame };
  });
}

/** One content has one hash. Two hashes may still stand for one value: a pickle can be written in several ways. */
function isEqual(a: FlowArtifact, b: FlowArtifact): boolean {
  return (
    (a.sha !== "" && a.sha === b.sha) ||
    (a.text !== undefined && a.isWhole === true && b.isWhole === true && a.text === b.text)
  );
}

function stepsOf(before: FlowRun, after: FlowRun, now: number): ComparedStep[] {
  const [old, fresh] = [statusByStep(before, now), statusByStep(after, now)];
  return [...new Set([...old.keys(), ...fresh.keys()])].map((name) => {
    const [was, is] = [old.get(name), fresh.get(name)];
    return { name, ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) };
  });
}
