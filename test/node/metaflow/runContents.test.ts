import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { listCards, readCard } from "../../../src/node/metaflow/runs/cards.ts";
import { findDatastore, listRunNames, readRuns } from "../../../src/node/metaflow/runs/localDatastore.ts";
import { readException, readTaskLog } from "../../../src/node/metaflow/runs/taskLog.ts";
import { runPython, temporaryFolder } from "../../support/python.ts";

const FLOW = `
import sys
from metaflow import FlowSpec, card, current, step
from metaflow.cards import Markdown
class CardFlow(FlowSpec):
    @card(type="blank", id="summary")
    @card
    @step
    def start(self):
        print("to out")
        print("to err", file=sys.stderr)
        print("again")
        current.card["summary"].append(Markdown("# It works"))
        self.next(self.end)
    @step
    def end(self):
        pass
if __name__ == "__main__":
    CardFlow()
`;

test("the log and the cards of a task are read as Metaflow leaves them", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "card_flow.py"), FLOW);
  const { exitCode, stderr } = await runPython(["card_flow.py", "--no-pylint", "run"], { cwd: folder.path });
  assert.equal(exitCode, 0, stderr);
  const environment = { METAFLOW_DATASTORE_SYSROOT_LOCAL: join(folder.path, ".metaflow") };
  const root = await findDatastore({ folder: folder.path, environment });
  assert.ok(root !== undefined);
  const [run] = await readRuns(root, await listRunNames(root, { count: 1 }));
  const [start, end] = run?.tasks ?? [];
  assert.ok(run && start && end);
  const log = await readTaskLog(root, run, start);
  assert.deepEqual(
    log
      .split("\n")
      .filter((line) => /^(?:to |again)/.test(line))
      .toSorted(),
    ["again", "to err", "to out"],
  );
  assert.doesNotMatch(log, /MFLOG/);
  const places = { root, folder: folder.path };
  const cards = await listCards(places, run);
  assert.deepEqual(cards.map(({ step, name }) => `${step} ${name}`).toSorted(), [
    "start blank-summary",
    "start default",
  ]);
  assert.deepEqual(await listCards(places, run, start), cards);
  assert.deepEqual(await listCards(places, run, end), []);
  assert.match((await readCard(cards[0]?.path ?? "")) ?? "", /^<!DOCTYPE html>/);
});

function frame(second: number, text: string): string {
  return `[MFLOG|0|2026-11-21T12:00:0${second}Z|task|ab-c]${text}\n`;
}

test("the two streams of a task are put in the order of their times; lines without a frame follow theirs", async () => {
  await using folder = await temporaryFolder();
  const task = join(folder.path, "F", "7", "fit", "2");
  await mkdir(task, { recursive: true });
  await writeFile(join(task, "1.runtime_stdout.log"), `${frame(1, "one")}and more\n${frame(4, "")}${frame(5, "five")}`);
  await writeFile(join(task, "1.runtime_stderr.log"), frame(3, "[three]"));
  const place = { step: "fit", id: "2", attempt: 1 };
  assert.equal(await readTaskLog(folder.path, { flow: "F", id: "7" }, place), "one\nand more\n[three]\n\nfive");
  assert.equal(await readTaskLog(folder.path, { flow: "F", id: "7" }, { ...place, attempt: 0 }), "");
  assert.equal(await readException(folder.path, { flow: "F", id: "7" }, place), undefined);
  const traceback = [
    "Traceback (most recent call last):",
    '  File "flow.py", line 3',
    "lib.NoPrice: it is gone",
    "",
    "Task failed.",
  ];
  await writeFile(join(task, "1.runtime_stderr.log"), traceback.map((line) => frame(6, line)).join(""));
  assert.equal(await readException(folder.path, { flow: "F", id: "7" }, place), "lib.NoPrice: it is gone");
});
