import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { watchFolderArrival } from "../../../src/node/base/folderArrival.ts";
import { waitUntil } from "../../support/runFixtures.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("a folder that appears is told each time it does, until nobody asks any more", async (context) => {
  const root = temporaryFolder(context);
  const [folder, file] = [join(root, "runs"), join(root, "file")];
  writeFileSync(file, "");
  let arrivals = 0;
  let others = 0;
  const watch = watchFolderArrival(folder, () => (arrivals += 1), 10);
  const witness = watchFolderArrival(folder, () => (others += 1), 10);
  const ofFile = watchFolderArrival(file, () => assert.fail("a file is no folder"), 10);
  mkdirSync(folder);
  await waitUntil("it is told", () => arrivals === 1 && others === 1);
  watch[Symbol.dispose]();
  await waitUntil("it is told again", () => {
    if (existsSync(folder)) {
      rmdirSync(folder);
    } else {
      mkdirSync(folder);
    }
    return others > 1;
  });
  assert.equal(arrivals, 1);
  witness[Symbol.dispose]();
  ofFile[Symbol.dispose]();
});
