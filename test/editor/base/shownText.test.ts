import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as z from "zod";
import { registerShownTexts, showReport } from "../../../src/editor/base/shownText.ts";
import { fake, resetFake, type Uri } from "../../support/fakeVscode.ts";

beforeEach(() => {
  resetFake();
  fake.builtInCommands = [...fake.builtInCommands, "markdown.showPreview"];
  registerShownTexts();
});

async function shown(title: string, markdown: string): Promise<{ address: string; text: unknown }> {
  await showReport(title, markdown);
  const [uri] = z.tuple([z.custom<Uri>()]).parse(fake.executed.at(-1)?.args);
  return { address: uri.toString(), text: fake.textProviders.get(uri.scheme)?.provideTextDocumentContent(uri) };
}

test("a report of one title whose text has changed is drawn anew, as a preview draws no address twice", async () => {
  const first = await shown("Run 12", "goes on");
  const same = await shown("Run 12", "goes on");
  const ended = await shown("Run 12", "ended");
  assert.deepEqual([first.text, same.text, ended.text], ["goes on\n", "goes on\n", "ended\n"]);
  assert.match(first.address, /\/Run(?: |%20)12\?/, "the tab shows the end of the address");
  assert.equal(same.address, first.address);
  assert.notEqual(ended.address, first.address);
});
