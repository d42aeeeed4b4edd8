import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import {
  isWindowsPath,
  renderCommandLine,
  renderCommandWith,
  splitCommandLine,
} from "../../../src/core/training/commandLine.ts";

function check(text: string, expected: readonly string[]): void {
  assert.deepEqual(splitCommandLine(text), { words: expected }, text);
}

test("splits at spaces, keeps quoted words together and expands nothing", () => {
  check("  --lr 3e-4  --amp ", ["--lr", "3e-4", "--amp"]);
  check("--name 'my run' --note \"it's\"", ["--name", "my run", "--note", "it's"]);
  check("--name=\"a b\"c ''", ["--name=a bc", ""]);
  check("$HOME *.py ; rm", ["$HOME", "*.py", ";", "rm"]);
  check("a\\ b C:\\data\\x", ["a b", "C:\\data\\x"]);
  check("", []);
});

test("says that a quote is never closed", () => {
  assert.deepEqual(splitCommandLine("--name 'my run"), {
    words: ["--name", "my run"],
    problem: "The quote ' is never closed.",
  });
});

test("renders words so that splitting gives them back", () => {
  for (const words of [
    ["--name", "my run"],
    ["it's", 'say "hi"', ""],
    ["a=b c", "$x", "~", "[1,2]"],
    ['it\'s "both" \\ ways'],
    ["lr={1e-3,1e-4}", "--re=\\d+", "C:\\data\\x", "C:\\my data\\", "\\\\server\\share", "a\\\\b", "C:\\\\x", "x=~/y"],
  ]) {
    assert.deepEqual(splitCommandLine(renderCommandLine(words)).words, words, renderCommandLine(words));
  }
  assert.equal(
    renderCommandLine(["python", "train.py", "--lr=3e-4", "model.layers=[1,2]"]),
    "python train.py --lr=3e-4 'model.layers=[1,2]'",
  );
});

test("a shell reads rendered words as they were meant", { skip: process.platform === "win32" }, () => {
  const words = [
    "lr={1e-3,1e-4}",
    "--re=\\d+",
    "a\\\\b",
    "it's $HOME",
    "x=~/y",
    "*.py",
    "",
    "=x",
    "a;b",
    "\\\\server\\share",
  ];
  const printed = execFileSync("bash", ["-c", `printf '%s\\0' ${renderCommandLine(words)}`], { encoding: "utf8" });
  assert.deepEqual(printed.split("\0").slice(0, -1), words);
});

test("variables stand before the command as the shell of its platform takes them", () => {
  const variables = { PYTHONFAULTHANDLER: "1", PYTHONPATH: "/w/my code" };
  const command = "python train.py";
  assert.equal(
    renderCommandWith(variables, { command, isWindows: false }),
    "PYTHONFAULTHANDLER=1 PYTHONPATH='/w/my code' python train.py",
  );
  assert.equal(
    renderCommandWith(variables, { command, isWindows: true }),
    "$env:PYTHONFAULTHANDLER = '1'; $env:PYTHONPATH = '/w/my code'; python train.py",
  );
  assert.deepEqual(["C:\\w", "\\\\server\\w", "/w/C:"].map(isWindowsPath), [true, true, false]);
});
