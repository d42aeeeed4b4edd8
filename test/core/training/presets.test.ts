import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type PresetFile,
  parsePresets,
  presetOf,
  takePreset,
  writePreset,
} from "../../../src/core/training/presets.ts";

function check(text: string, expected: Partial<PresetFile>): void {
  assert.deepEqual(parsePresets(text), { presets: [], problems: [], ...expected }, text);
}

test("reads presets as a person writes them", () => {
  check("", {});
  check("# nothing yet\n", {});
  check("quick:\n  script: train.py\n  arguments: --epochs 1 --name 'two words'\n  device: cpu\n", {
    presets: [
      { name: "quick", script: "train.py", arguments: ["--epochs", "1", "--name", "two words"], device: "cpu" },
    ],
  });
  check("long:\n  script: train.py\n  arguments: [--epochs, 90]\n", {
    presets: [{ name: "long", script: "train.py", arguments: ["--epochs", "90"] }],
  });
  check("list:\n  script: t.py\n  arguments: ['\\\\server\\share', 'a b', '{1,2}']", {
    presets: [{ name: "list", script: "t.py", arguments: ["\\\\server\\share", "a b", "{1,2}"] }],
  });
  check("bare: { script: train.py }", { presets: [{ name: "bare", script: "train.py", arguments: [] }] });
});

test("keeps the words of a list of arguments as they are written", () => {
  const words = ["--tag", "1.10", "007", "12345678901234567890", "0x1F", "0o17", "True", "1.0", "-1e-3", "no", "3"];
  for (const list of [`[${words.join(", ")}]`, `\n${words.map((word) => `    - ${word}`).join("\n")}`]) {
    check(`q:\n  script: t.py\n  arguments: ${list}\n`, {
      presets: [{ name: "q", script: "t.py", arguments: words }],
    });
  }
  check(`q:\n  script: t.py\n  arguments: ["0.9", 'it''s', "a\\tb", &x 1.10]\n`, {
    presets: [{ name: "q", script: "t.py", arguments: ["0.9", "it's", "a\tb", "1.10"] }],
  });
  check("a:\n  script: t.py\n  arguments: &x 1.10\nb:\n  script: t.py\n  arguments: [*x, null]\n", {
    presets: [
      { name: "a", script: "t.py", arguments: ["1.10"] },
      { name: "b", script: "t.py", arguments: ["1.10", "null"] },
    ],
  });
  for (const list of ["\n    - --lr\n    -", "[[a]]"]) {
    check(`q:\n  script: t.py\n  arguments: ${list}\n`, {
      problems: [
        "Line 1: the preset `q`: `arguments` is one line, such as `--epochs 1 --batch-size 8`, or a list of words.",
      ],
    });
  }
});

test("says with its line what is none, and keeps the others", () => {
  check("- quick", { problems: ["Line 1: presets are written as names with `script` and `arguments` below them."] });
  check("a:\n  arguments: x\nb: { script: t.py }\nc d: {}\n", {
    presets: [{ name: "b", script: "t.py", arguments: [] }],
    problems: [
      "Line 1: the preset `a` needs a `script`.",
      "Line 4: The name of a preset is one word of letters, digits, dots and dashes.",
    ],
  });
  check("a: { script: t.py, device: tpu }", {
    problems: ["Line 1: the preset `a`: `device` is `auto`, `cpu` or `free`."],
  });
  for (const wrong of ["{ steps: 3 }", "true", "[[--steps, 3]]"]) {
    check(`map:\n  script: t.py\n  arguments: ${wrong}\n`, {
      problems: [
        "Line 1: the preset `map`: `arguments` is one line, such as `--epochs 1 --batch-size 8`, or a list of words.",
      ],
    });
  }
  check('a: { script: t.py, arguments: "--name \'x" }', {
    problems: ["Line 1: the preset `a`: The quote ' is never closed."],
  });
  assert.match(parsePresets("a: [").problems[0] ?? "", /^Line 1: /);
});

test("one preset that is no YAML spoils no other, and is named with its line", () => {
  const file = parsePresets("quick:\r\n  script: t.py\r\n# ours\r\nbad: { script: 'x }\r\nlong: { script: b.py }\r\n");
  assert.deepEqual(
    file.presets.map(({ name }) => name),
    ["quick", "long"],
  );
  assert.match(file.problems.join("|"), /^Line 4: Missing closing 'quote\.$/);
  check("a: { script: t.py, args: --epochs 1 }", {
    problems: ["Line 1: the preset `a`: `args` means nothing here. A preset has `script`, `arguments` and `device`."],
  });
  assert.match(parsePresets("a: { script: t.py }\na: { script: b.py }").problems.join("|"), /^Line 2: /);
});

test("adds and replaces without touching what else stands there", () => {
  const text = "# ours\nquick:\n  # the fast one\n  script: train.py\n";
  const added = writePreset(text, {
    name: "long",
    script: "train.py",
    arguments: ["--name", "two words"],
    device: "cpu",
  });
  assert.equal(added, `${text}long:\n  script: train.py\n  arguments: --name 'two words'\n  device: cpu\n`);
  assert.deepEqual(
    parsePresets(writePreset(added, { name: "long", script: "b.py", arguments: [] })).presets.map(
      ({ script }) => script,
    ),
    ["train.py", "b.py"],
  );
  assert.equal(parsePresets(writePreset("", { name: "a", script: "t.py", arguments: ["--x"] })).presets.length, 1);
});

test("finds the preset that a sentence asks for", () => {
  const presets = parsePresets("quick: { script: a.py }\nlr: { script: b.py }").presets;
  const taken = (text: string) => {
    const { preset, rest } = takePreset(text, presets);
    return [preset?.name, rest];
  };
  assert.deepEqual(taken("quick with 5 epochs"), ["quick", "with 5 epochs"]);
  assert.deepEqual(taken("with the preset quick"), ["quick", ""]);
  assert.deepEqual(taken("5 epochs with preset quick"), ["quick", "5 epochs with"]);
  assert.deepEqual(taken("with lr=0.1"), [undefined, "with lr=0.1"]);
  assert.deepEqual(taken("quickly"), [undefined, "quickly"]);
});

test("a preset is shared, so it keeps no secret of the launch", () => {
  const words = ["--lr", "0.1", "--api-key", "hunter22"];
  assert.deepEqual(presetOf("quick", { script: "train.py", arguments: words })?.arguments, ["--lr", "0.1"]);
});
