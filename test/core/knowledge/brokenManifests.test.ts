import { test } from "node:test";
import { checkManifest as check } from "../../support/manifestReading.ts";

test("names the line from which on a lock file is broken", () => {
  const torch = '[[package]]\nname = "torch"\nversion = "2.4.0"\n';
  const locked = ["torch ==2.4.0 locked @2"];
  check("uv.lock", `version = 1\n\n${torch}source = { registry = "x" }\nwheels = [\n    { url = "y" },\n]\n`, [
    "torch ==2.4.0 locked @4",
  ]);
  check("uv.lock", "", [], ["unreadable-lock @1"]);
  check("poetry.lock", `${torch}<<<<<<< HEAD\n=======\n>>>>>>> other\n`, locked, ["unreadable-lock @4"]);
  check("poetry.lock", `${torch}files = [\n    {file = "torch`, locked, ["unreadable-lock @4"]);
  check("poetry.lock", `${torch}files = [\n    {file = "x"},\n\n[[package]]\nname = "a"\n`, locked, [
    "incomplete-lock @8",
    "unreadable-lock @4",
  ]);
  check("poetry.lock", `${torch}description = "torn\n`, locked, ["unreadable-lock @4"]);
  check("poetry.lock", `${torch}description = """\nall [of\n= this\n"""\noptional = false\n`, locked);
  check("poetry.lock", `${torch}[[package]\nname = "a"\n`, locked, ["unreadable-lock @4"]);
  check("poetry.lock", "<!DOCTYPE html>\n", [], ["unreadable-lock @1"]);
  check("pdm.lock", '[[package]]\nversion = "1"\n', [], ["incomplete-lock @1"]);
  check("uv.lock", '[[package]]\nname = "own"\nsource = { editable = "." }\n', []);
  check("pylock.toml", 'lock-version = "1.0"\npackages = []\n', []);
  check(
    "Pipfile.lock",
    '{\n    "default": {\n        "torch": {\n            "version": "==2.4.0"\n',
    locked.map((line) => line.replace("2.4.0 locked @2", "2.4.0 locked @3")),
    ["unreadable-lock @4"],
  );
  const oneLine = '{"default":{"torch":{"version":"==2.4.0"}},"develop":{"pytest":{"version":"==8.0"}}}';
  check("Pipfile.lock", `${oneLine}\n`, ["torch ==2.4.0 locked @1", "pytest ==8.0 (dev) locked @1"]);
  check("Pipfile.lock", oneLine.slice(0, -1), [], ["unreadable-lock @1"]);
  check("Pipfile.lock", '{\n<<<<<<< HEAD\n    "default": {}\n}\n', [], ["unreadable-lock @2"]);
  check("conda-lock.yml", "hello\n", [], ["unreadable-lock @1"]);
  check(
    "conda-lock.yml",
    "package:\n- name: tqdm\n  version: 4.66.5\n>>>>>>> theirs\n",
    ["tqdm ==4.66.5 locked @2"],
    ["unreadable-lock @4"],
  );
  check("pixi.lock", "version: 6\npackages: []\n", []);
});

test("names the line from which on a notebook is broken, and takes the numbers that Python writes", () => {
  const cells = '{"cells": [\n {"cell_type": "code", "source": ["import torch"]';
  check("a.ipynb", `${cells}, "outputs": [{"data": NaN, "x": -Infinity}]}]}`, ["imports torch @2"]);
  check("a.ipynb", `${cells}}\n`, [], ["invalid-notebook @2"]);
  check("a.ipynb", `${cells},\n<<<<<<< HEAD\n}]}`, [], ["invalid-notebook @3"]);
  check("a.ipynb", '{"nbformat": 3, "worksheets": []}', [], ["invalid-notebook @1"]);
  check("a.ipynb", "[]", [], ["invalid-notebook @1"]);
});

test("names the lines for which Python refuses a setup.cfg", () => {
  check("setup.cfg", "[options]  ; as setuptools has it\ninstall_requires =\n    torch\n", ["torch @3"]);
  check("setup.cfg", "install_requires = torch\n[options]\n", [], ["invalid-ini @1"]);
  check(
    "setup.cfg",
    "[options]\n<<<<<<< HEAD\npython_requires = >=3.10\n=======\n",
    ["python >=3.10 @3"],
    ["invalid-ini @2", "invalid-ini @4"],
  );
  check("setup.cfg", "[options]\na = 1\na = 2\n[options]\n", [], ["invalid-ini @3", "invalid-ini @4"]);
  check("tox.ini", "[testenv]\ndeps\n", [], ["invalid-ini @2"]);
});
