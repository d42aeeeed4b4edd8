import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "../../../src/node/base/cliOptions.ts";
import { type CliOption, UsageError } from "../../../src/node/base/cliVerb.ts";

const known: Record<string, CliOption> = {
  grace: { type: "string", value: "seconds", help: "how long it may save" },
  jobs: { type: "string", short: "j", value: "n", help: "how many at once" },
  detach: { type: "boolean", short: "d", help: "return at once" },
};

const read = (line: string) => readOptions(line === "" ? [] : line.split(" "), known);

test("takes options in every spelling, and leaves numbers below zero to whoever reads them", () => {
  assert.deepEqual(read("run-1 --grace 5 -d"), { options: { grace: "5", detach: true }, words: ["run-1"] });
  assert.deepEqual(read("-j2 --grace=7 a b"), { options: { jobs: "2", grace: "7" }, words: ["a", "b"] });
  assert.deepEqual(read("--grace -3 -j -.5").options, { grace: "-3", jobs: "-.5" });
  assert.deepEqual(read("--grace=-x --jobs -Infinity").options, { grace: "-x", jobs: "-Infinity" });
  assert.deepEqual(read("--grace=").options, { grace: "" });
  assert.deepEqual(read(""), { options: {}, words: [] });
});

function refused(line: string, message: string): void {
  assert.throws(() => read(line), new UsageError(message), line);
}

test("refuses in a sentence what Node would explain in words of its own", () => {
  refused("a --grace", "--grace needs a value. --grace <seconds>: how long it may save.");
  refused("-j", "-j needs a value. --jobs <n>: how many at once.");
  refused("--grace --detach", "--grace needs a value, and --detach follows. --grace <seconds>: how long it may save.");
  refused("--detach=3", "--detach takes no value, and was given “3”.");
  refused("-d3", "There is no option -3 here. There are --grace, --jobs, --detach.");
  refused("--detatch", "There is no option --detatch here. Did you mean --detach?");
  refused("--constructor", "There is no option --constructor here. There are --grace, --jobs, --detach.");
  refused("--toString=1", "There is no option --toString here. There are --grace, --jobs, --detach.");
});
