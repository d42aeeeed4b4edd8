import assert from "node:assert/strict";
import { test } from "node:test";
import { KNOWN_DECORATORS } from "../../../src/core/metaflow/graph/knownDecorators.ts";
import { METAFLOW_NAMES } from "../../../src/core/metaflow/graph/metaflowNames.ts";
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
