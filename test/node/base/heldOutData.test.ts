import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { requireHeldOutData } from "../../../src/node/base/heldOutData.ts";

test("code that trains and holds nothing out is not written, and code that validates is", async () => {
  const loop = "for x, y in loader:\n    f(model(x), y).backward()\n";
  await assert.rejects(
    requireHeldOutData(loop, "train.py"),
    (error) =>
      error instanceof UserError && error.message.startsWith("train.py was not written: line 2 breaks the rule"),
  );
  await requireHeldOutData(`${loop}validate(model)\n`, "train.py");
});

test("everything that is scaffolded may be written", async () => {
  for (const path of ["examples/digits/train.py", "templates/training_flow.py", "templates/foreach_sweep_flow.py"]) {
    await requireHeldOutData(await readFile(new URL(`../../../${path}`, import.meta.url), "utf8"), path);
  }
});
