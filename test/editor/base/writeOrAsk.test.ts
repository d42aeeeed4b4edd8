import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { writeOrAsk } from "../../../src/editor/base/writeOrAsk.ts";
import { fake, resetFake } from "../../support/fakeVscode.ts";

beforeEach(resetFake);

function numbered(number: number) {
  return { path: `/w/fit_${number}.py`, relativePath: `fit_${number}.py`, text: "new" };
}

test("a free name that another window took meanwhile is asked about again, and never believed written", async () => {
  fake.messageAnswers.set("fit_1.py", "Write fit_2.py");
  fake.messageAnswers.set("fit_2.py", "Write fit_3.py");
  const tried: string[] = [];
  const written = await writeOrAsk(numbered(1), (file) => {
    tried.push(file.relativePath);
    return Promise.resolve(tried.length < 3 ? numbered(tried.length + 1) : undefined);
  });
  assert.deepEqual(tried, ["fit_1.py", "fit_2.py", "fit_3.py"]);
  assert.equal(written?.relativePath, "fit_3.py");
});

test("nothing is written where the person turns the other name down", async () => {
  const written = await writeOrAsk(numbered(1), () => Promise.resolve(numbered(2)));
  assert.equal(written, undefined);
  assert.deepEqual(fake.messages, ["fit_1.py exists and was left as it is."]);
});
