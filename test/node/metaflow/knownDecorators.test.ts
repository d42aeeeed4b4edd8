import assert from "node:assert/strict";
import { test } from "node:test";
import { KNOWN_DECORATORS } from "../../../src/core/metaflow/graph/knownDecorators.ts";
import { METAFLOW_NAMES } from "../../../src/core/metaflow/graph/metaflowNames.ts";
import { CURRENT_NAMES, OF_PARALLEL } from "../../../src/core/metaflow/lint/currentRules.ts";
import { CLICK_KEYWORDS, KEYWORDS } from "../../../src/core/metaflow/lint/declarationRules.ts";
import { runPython, temporaryFolder } from "../../support/python.ts";

const PROGRAM = `
import json, metaflow
from metaflow.plugins import FLOW_DECORATORS, STEP_DECORATORS

def describe(decorator, place):
    kept = {"on": place, "defaults": decorator.defaults}
    if decorator.allow_multiple:
        kept["isRepeatable"] = True
    if getattr(decorator, "IS_PARALLEL", False):
        kept["isParallel"] = True
    return kept

known = {each.name: describe(each, "step") for each in STEP_DECORATORS}
known.update({each.name: describe(each, "flow") for each in FLOW_DECORATORS})
print(json.dumps({"decorators": known, "names": [name for name in dir(metaflow) if not name.startswith("_")]}))
`;

test("the decorators, their attributes and defaults are those of the installed Metaflow", async () => {
  await using folder = await temporaryFolder();
  const { exitCode, stdout, stderr } = await runPython(["-c", PROGRAM], { cwd: folder.path });
  assert.equal(exitCode, 0, stderr);
  const { decorators, names } = JSON.parse(stdout);
  const visible = Object.entries(decorators).filter(([name]) => !name.endsWith("_internal"));
  assert.deepEqual(JSON.parse(JSON.stringify(KNOWN_DECORATORS)), Object.fromEntries(visible));
  assert.deepEqual(
    [...METAFLOW_NAMES].filter((name) => !names.includes(name)),
    [],
  );
});

const KEYWORD_PROGRAM = `
import inspect, json, metaflow
from metaflow._vendor import click

def keywords(function):
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [name for name, each in inspect.signature(function).parameters.items() if each.kind in kinds and name != "self"]

print(json.dumps({
    "declared": {kind: keywords(getattr(metaflow, kind).__init__) for kind in ("Parameter", "Config", "IncludeFile")},
    "click": keywords(click.Option.__init__) + keywords(click.Parameter.__init__),
    "parallel": metaflow.metaflow_current.Parallel._fields,
    "current": [name for name in dir(metaflow.current) if not name.startswith("_")],
}))
`;

test("the keywords of a Parameter and the names of current are those of the installed Metaflow", async () => {
  await using folder = await temporaryFolder();
  const { exitCode, stdout, stderr } = await runPython(["-c", KEYWORD_PROGRAM], { cwd: folder.path });
  assert.equal(exitCode, 0, stderr);
  const { declared, click, current, parallel } = JSON.parse(stdout);
  assert.deepEqual(CURRENT_NAMES, current);
  assert.deepEqual(OF_PARALLEL, parallel);
  for (const [kind, names] of Object.entries<string[]>(declared)) {
    assert.deepEqual(
      names.filter((name) => KEYWORDS[kind]?.includes(name) !== true),
      [],
      kind,
    );
  }
  // What names the option and what holds its attributes are Metaflow's own affair.
  const own = new Set(["param_decls", "attrs", ...(KEYWORDS["Parameter"] ?? [])]);
  assert.deepEqual(CLICK_KEYWORDS.toSorted(), [...new Set<string>(click)].filter((name) => !own.has(name)).toSorted());
});
