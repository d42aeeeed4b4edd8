import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { buildGraph } from "../../../src/core/metaflow/graph/flowGraph.ts";
import { inspectFlowFile } from "../../../src/node/metaflow/inspectFlow.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const BASE = `from metaflow import FlowSpec, step as task

class Base(FlowSpec):
    @task
    def start(self):
        self.next(self.work)

    @task
    def end(self):
        pass
`;

const WORK = `    @step
    def work(self):
        self.next(self.end)
`;

/** Writes files and gives the steps of the flow in `flow.py`, each with the file it stands in, and what is wrong with it. */
async function inspect(context: TestContext, files: Record<string, string>, roots: readonly string[] = []) {
  const folder = temporaryFolder(context);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const path = join(folder, "flows", "flow.py");
  const report = await inspectFlowFile({ path, roots: roots.map((root) => join(folder, root)) });
  const [flow] = report?.flows ?? [];
  const nodes = flow ? [...buildGraph(flow).nodes.values()] : [];
  return {
    steps: nodes.map(({ name, step }) => `${name} ${step.file.path.slice(folder.length + 1)}`),
    findings: report?.findings.map(({ code, range }) => `${code} ${range.start.line + 1}`),
  };
}

const INHERITED = ["end flows/base.py", "start flows/base.py", "work flows/flow.py"];

test("finds the base class of a flow beside it, however it is imported", async (context) => {
  for (const header of [
    "from base import Base\n",
    "from .base import Base\n",
    "import base\nBase = base.Base\n",
    "from base import *\n",
    "from base import Base as Parent\nBase = Parent\n",
    "from base import (  # what is shared\n    Base,\n)\n",
    "from base import \\\n    Base\n",
    "from . import (\n    base,\n)\nBase = base.Base\n",
  ]) {
    const text = `from metaflow import step\n${header}\nclass Flow(Base):\n${WORK}\nFlow()\n`;
    const found = await inspect(context, { "flows/flow.py": text, "flows/base.py": BASE });
    assert.deepEqual(found, { steps: INHERITED, findings: [] }, header);
  }
});

test("finds a base class in a package, through what the package passes on", async (context) => {
  const found = await inspect(context, {
    "flows/flow.py": `from metaflow import step\nfrom lib import Base\n\nclass Flow(Base):\n${WORK}\nFlow()\n`,
    "flows/lib/__init__.py": "from .flows.base import Base\n",
    "flows/lib/flows/base.py": BASE,
  });
  assert.deepEqual(found.findings, []);
  assert.deepEqual(found.steps[0], "end flows/lib/flows/base.py");
});

test("finds a base class below a folder that stands for PYTHONPATH", async (context) => {
  const files = {
    "flows/flow.py": `from metaflow import step\nfrom shared.base import Base\n\nclass Flow(Base):\n${WORK}\nFlow()\n`,
    "src/shared/base.py": BASE,
  };
  assert.deepEqual((await inspect(context, files, ["src"])).findings, []);
});

test("says that a base class is not found, and does not complain of steps that it may have", async (context) => {
  const text = `from metaflow import step\nfrom vendor import Base\n\nclass Flow(Base):\n${WORK}    @step\n    def start(self):\n        self.next(self.work)\n\nFlow()\n`;
  assert.deepEqual((await inspect(context, { "flows/flow.py": text })).findings, ["unknown-base 4"]);
});

test("shows a mistake of a base class at the flow that inherits it", async (context) => {
  const text = `from metaflow import step\nfrom base import Base\n\nclass Flow(Base):\n    @step\n    def works(self):\n        self.next(self.end)\n\nFlow()\n`;
  const { findings } = await inspect(context, { "flows/flow.py": text, "flows/base.py": BASE });
  assert.deepEqual(findings, ["unknown-transitions 4"]);
});

test("files that import each other, and classes that inherit from themselves, end", async (context) => {
  const found = await inspect(context, {
    "flows/flow.py": `from base import Base\nfrom metaflow import FlowSpec, step\n\nclass Flow(Base, FlowSpec):\n${WORK}    @step\n    def start(self):\n        self.next(self.work)\n    @step\n    def end(self):\n        pass\n\nFlow()\n`,
    "flows/base.py": "from flow import Flow as Base\nfrom other import *\n\nclass Loop(Loop):\n    pass\n",
    "flows/other.py": "from base import *\n",
  });
  assert.equal(found.steps.length, 3);
});
