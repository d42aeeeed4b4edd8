import type { ToolPorts } from "../../src/core/tools/toolCatalog.ts";

const refuse = () => Promise.reject(new Error("A tool is only described here, not asked and not run."));

/** Ports for describing tools: every use is a mistake. */
export const inertToolPorts: ToolPorts = {
  facts: { collectFacts: refuse },
  scaffold: { plan: refuse, write: refuse },
  metrics: { listRuns: refuse, readSummaries: refuse, locate: refuse, readFolder: refuse },
  launch: { plan: refuse, judge: refuse, launch: refuse },
  flows: { outline: refuse, countGpus: refuse },
  runs: { listRuns: refuse, readLogTail: refuse, openFlowRuns: refuse },
  stop: { listRuns: refuse, requestStop: refuse },
  diagnose: { listRuns: refuse, diagnoseRun: refuse },
  change: { checkChange: refuse },
  memory: { writeNote: refuse },
  workflow: {
    describeWorkflows: refuse,
    noteRefusal: refuse,
    listFiles: refuse,
    readFile: refuse,
    planWrite: refuse,
    askToReplace: refuse,
    write: refuse,
  },
  checkpoints: {
    reader: { read: refuse, list: refuse, disk: refuse },
    places: { locate: refuse, knownFolders: refuse },
  },
};
