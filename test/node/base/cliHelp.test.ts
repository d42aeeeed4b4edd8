import assert from "node:assert/strict";
import { test } from "node:test";
import { agentsVerb } from "../../../src/node/agents/cliAgents.ts";
import { renderHelp, renderVerbHelp } from "../../../src/node/base/cliHelp.ts";
import { type CliVerb, JSON_OPTION } from "../../../src/node/base/cliVerb.ts";
import { VERB_TEXTS } from "../../../src/node/base/verbTexts.ts";
import { checkpointsVerb, inspectVerb, newestVerb } from "../../../src/node/checkpoints/cliCheckpoints.ts";
import { compareVerb } from "../../../src/node/checkpoints/cliCompare.ts";
import { pruneVerb } from "../../../src/node/checkpoints/cliPrune.ts";
import { factsVerb } from "../../../src/node/knowledge/cliFacts.ts";
import { checkVerb } from "../../../src/node/metaflow/cliCheck.ts";
import { graphVerb } from "../../../src/node/metaflow/cliGraph.ts";
import { metricsVerb } from "../../../src/node/metrics/cliMetrics.ts";
import { runVerb } from "../../../src/node/training/cli/run.ts";
import { sweepVerb } from "../../../src/node/training/cli/sweep.ts";
import { cliPath, spawnNode } from "../../support/runFixtures.ts";

const succeed = () => Promise.resolve(0);
const none = () => Promise.resolve(undefined);

const verb: CliVerb = {
  usage: "<file> [--json] [-j <n>]",
  summary: "do it",
  options: { json: JSON_OPTION, jobs: { type: "string", short: "j", value: "n", help: "how many at once" } },
  run: succeed,
};
const help = "Usage: trainyard do <file> [--json] [-j <n>]\n\ndo it\n\nOptions:\n";

test("the help of a verb has a line for each option, and for the workspace only where it is used", () => {
  const options = "  --json          print JSON, for other programs\n  -j, --jobs <n>  how many at once";
  assert.equal(renderVerbHelp("do", verb), help + options);
  assert.match(
    renderVerbHelp("do", { ...verb, workspace: "used" }),
    /\n {2}--folder <folder> {2}the workspace, [^\n]*$/,
  );
  assert.match(renderVerbHelp("do", { ...verb, workspace: "starts" }), /\n\nThe training itself is started in/);
  assert.equal(renderVerbHelp("do", { usage: "", summary: "do it", run: succeed }), "Usage: trainyard do\n\ndo it");
  assert.match(renderHelp(), /^ {2}runs \[--json\]\n {6}list the runs, newest first$/m);
});

test("the help of the program has every verb and loads none", async () => {
  const loads =
    'import{registerHooks}from"node:module";registerHooks({load(u,c,n){process.stderr.write(u+"\\n");return n(u,c)}})';
  const call = spawnNode([`--import=data:text/javascript,${loads}`, cliPath, "--help"]);
  assert.equal(await call.ended, 0, call.output);
  assert.match(call.output, /src\/node\/base\/cliHelp\.ts/);
  assert.doesNotMatch(call.output, /src\/node\/(?!base\/)/);
  for (const name of Object.keys(VERB_TEXTS)) {
    assert.ok(call.output.includes(`\n  ${name} `), name);
  }
});

test("every option is in the usage of its verb and has a line of help", () => {
  const verbs = { checkpointsVerb, inspectVerb, newestVerb, compareVerb, graphVerb, factsVerb, runVerb, sweepVerb };
  const made = { check: checkVerb(none), metrics: metricsVerb(none), prune: pruneVerb(() => Promise.resolve([])) };
  for (const [name, { usage, options = {} }] of Object.entries({ ...verbs, ...made, agentsVerb })) {
    for (const [option, { short, help: line }] of Object.entries(options)) {
      assert.ok(
        usage.includes(`--${option}`) || (short !== undefined && usage.includes(`-${short}`)),
        `${name} ${option}`,
      );
      assert.match(line, /^[a-z].{8,90}[^.]$/, `${name} ${option}`);
    }
  }
});
