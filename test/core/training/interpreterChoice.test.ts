import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseInterpreter,
  type InterpreterSources,
  interpreterCandidates,
} from "../../../src/core/training/interpreterChoice.ts";

const sources: InterpreterSources = {
  platform: "posix",
  workspaceFolder: "/w",
  folders: ["/w/a", "/w"],
  environment: { PATH: "/usr/bin:/bin", VIRTUAL_ENV: "/envs/v", CONDA_PREFIX: "/envs/c" },
};

function choose(existing: readonly string[], changes: Partial<InterpreterSources> = {}): string {
  const candidates = interpreterCandidates({ ...sources, ...changes });
  const { path, reason } = chooseInterpreter(candidates, (candidate) => existing.includes(candidate), "/w");
  return `${path}: ${reason}`;
}

test("prefers what is nearest to what the person said", () => {
  const all = [
    "/x/python",
    "/p/python",
    "/w/a/.venv/bin/python",
    "/w/venv/bin/python",
    "/envs/v/bin/python",
    "/envs/c/bin/python",
    "/bin/python3",
  ];
  const settings = { configured: "/x/python", active: "/p/python" };
  assert.equal(choose(all, settings), "/x/python: setting `trainyard.pythonPath`");
  assert.equal(choose(all, { active: "/p/python" }), "/p/python: selected in the Python extension");
  assert.equal(choose(all), "/w/a/.venv/bin/python: `.venv` beside the script");
  assert.equal(choose(all.slice(3)), "/w/venv/bin/python: `venv` in the workspace folder");
  assert.equal(choose(all.slice(4)), "/envs/v/bin/python: active environment (`VIRTUAL_ENV`)");
  assert.equal(choose(all.slice(5)), "/envs/c/bin/python: active environment (`CONDA_PREFIX`)");
  assert.equal(choose(all.slice(6)), "/bin/python3: `python3` on PATH");
});

test("looks for settings inside the workspace folder", () => {
  assert.equal(
    choose(["/w/env/bin/python"], { configured: "env/bin/python" }),
    "/w/env/bin/python: setting `trainyard.pythonPath`",
  );
  assert.equal(
    choose(["/w/e/python"], { configured: "${workspaceFolder}/e/python" }),
    "/w/e/python: setting `trainyard.pythonPath`",
  );
});

test("does not fall back where the person named a Python", () => {
  assert.throws(() => choose(["/bin/python3"], { configured: "/gone/python" }), {
    name: "UserError",
    message:
      "There is no Python at `/gone/python` (setting `trainyard.pythonPath`). Correct the path, or clear it to let Trainyard look for one.",
  });
  assert.throws(() => choose([]), {
    message: /^No Python was found in `\/w` or on PATH\. Set `trainyard\.pythonPath`/,
  });
});

test("knows where Windows keeps interpreters and that the Store aliases are none", () => {
  const store = "C:\\Users\\a\\AppData\\Local\\Microsoft\\WindowsApps";
  const windows: Partial<InterpreterSources> = {
    platform: "win32",
    workspaceFolder: "C:\\w",
    folders: ["C:\\w"],
    environment: { Path: `${store};C:\\Python311` },
  };
  assert.equal(
    choose(["C:\\w\\.venv\\Scripts\\python.exe"], windows),
    "C:\\w\\.venv\\Scripts\\python.exe: `.venv` beside the script",
  );
  assert.equal(
    choose([`${store}\\python.exe`, "C:\\Python311\\python.exe"], windows),
    "C:\\Python311\\python.exe: `python` on PATH",
  );
});
