import assert from "node:assert/strict";
import { test } from "node:test";
import { listKnownArguments } from "../../../src/core/training/knownArguments.ts";
import type { ScriptArgument } from "../../../src/core/training/scriptArguments.ts";

function declared(flag: string, facts: Partial<ScriptArgument> = {}): ScriptArgument {
  const name = flag.replace(/^-+/, "");
  return {
    flag,
    kind: "switch",
    name,
    aliases: [],
    type: "boolean",
    isRequired: false,
    isList: false,
    line: 0,
    ...facts,
  };
}

test("names what a script takes besides what has a value, each once", () => {
  const used = [
    { flag: "--epochs", value: "30", source: "default" as const },
    { flag: "-r", source: "given" as const },
  ];
  const script = [
    declared("--epochs", { kind: "option" }),
    declared("--amp"),
    declared("--resume", { aliases: ["-r"] }),
    declared("--cache", { negative: "--no-cache" }),
  ];
  assert.deepEqual(listKnownArguments(used, script), ["--epochs (30)", "-r", "--amp", "--cache"]);
  assert.deepEqual(
    listKnownArguments([{ flag: "--no-cache", source: "given" }], [declared("--cache", { negative: "--no-cache" })]),
    ["--no-cache"],
  );
  assert.deepEqual(listKnownArguments([], []), []);
});
