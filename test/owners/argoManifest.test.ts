import assert from "node:assert/strict";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkManifest } from "../../src/core/metaflow/deploy/checkManifest.ts";
import { renderManifest } from "../../src/node/metaflow/deploy/renderManifest.ts";
import { repositoryRoot, temporaryFolder } from "../support/python.ts";
import { ownersPython } from "./ownersPython.ts";

const BRANCHES = `from metaflow import FlowSpec, resources, schedule, step


@schedule(daily=True)
class BranchFlow(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2]
        self.kind = "new"
        self.next(self.left, self.right)

    @resources(cpu=2, memory=8000)
    @step
    def left(self):
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.next(self.join_each)

    @step
    def join_each(self, inputs):
        self.next(self.join)

    @step
    def right(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.route)

    @step
    def route(self):
        self.kind = "new"
        self.next({"new": self.fresh, "old": self.stale}, condition="kind")

    @step
    def fresh(self):
        self.next(self.end)

    @step
    def stale(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    BranchFlow()
`;

async function check(file: string, steps: readonly string[]): Promise<void> {
  const manifest = await renderManifest({ python: ownersPython(), file, options: [], environment: process.env });
  assert.deepEqual(checkManifest(manifest, steps), []);
  assert.doesNotMatch(JSON.stringify(manifest), /127\.0\.0\.1/);
}

test("Metaflow compiles the sample and a flow of every kind of step for Argo Workflows, without a network", async () => {
  await using folder = await temporaryFolder();
  const sample = join(folder.path, "flow.py");
  await copyFile(join(repositoryRoot, "examples/digits/flow.py"), sample);
  await check(sample, ["start", "load_data", "train_model", "evaluate", "end"]);
  const branches = join(folder.path, "branches.py");
  await writeFile(branches, BRANCHES);
  await check(branches, ["start", "left", "each", "join_each", "right", "join", "route", "fresh", "stale", "end"]);
});
