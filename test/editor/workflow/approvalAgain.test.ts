import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import * as z from "zod";
import type { Reply } from "../../../src/core/chat/reply.ts";
import { registerShownTexts } from "../../../src/editor/base/shownText.ts";
import { approveByButton } from "../../../src/editor/workflow/approval.ts";
import { compareWithApproved, compareWithKept } from "../../../src/editor/workflow/approvalAgain.ts";
import { fake, resetFake, type Uri } from "../../support/fakeVscode.ts";
import { benchOn, evidencePorts, writeNamedFiles } from "../../support/workflowFolder.ts";
import { openDesk } from "../../support/workflowWindow.ts";

beforeEach(() => {
  resetFake();
  fake.builtInCommands = [...fake.builtInCommands, "vscode.diff"];
  registerShownTexts();
});

/** A development whose first phase was approved, and what people see of it in the chat. */
async function openApproved(context: TestContext) {
  const { desk, workspace, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const [{ store, state: begun } = assert.fail()] = await desk.unfinished();
  await writeNamedFiles(workspace);
  await benchOn(store, begun.id, evidencePorts(workspace)).finishUntil(({ current }) => current === 2);
  const folder = store.folderOf(begun.id);
  const look = () => ask("ml-trainer", "develop", `--continue ${begun.id}`);
  const back = (phase: string) => ask("ml-trainer", "back", phase);
  const open = () => desk.find(begun.id);
  return { desk, folder, look, back, open, document: join(folder, "documents", "01-problem-analysis.md") };
}

const firstArgument = ({ buttons }: Reply) =>
  z.object({ id: z.string(), ticket: z.string() }).parse(buttons?.[0]?.arguments?.[0]);

test("what was changed after its approval is named, and shown beside what was approved", async (context) => {
  const { folder, look, open, document } = await openApproved(context);
  const approved = await readFile(document, "utf8");
  await appendFile(document, "Accuracy no longer matters.\n");
  const again = await look();
  assert.match(again.markdown, /Problem Analysis.*has been changed\. Nothing goes on until it is approved again/);
  assert.match(again.markdown, /```diff[\s\S]*\n\+Accuracy no longer matters\.\n```/);
  const titles = (again.buttons ?? []).map(({ title }) => title);
  assert.deepEqual(titles, [
    "Approve Phase 1 Again",
    "Compare…",
    "Go Back…",
    "Open Document",
    "Open Another Document…",
  ]);
  await compareWithApproved(await open());
  const { command, args } = fake.executed.at(-1) ?? assert.fail();
  const [before, now, title] = z.tuple([z.custom<Uri>(), z.custom<Uri>(), z.string()]).parse(args);
  assert.deepEqual(
    [command, now.fsPath, title],
    ["vscode.diff", document, "documents/01-problem-analysis.md (approved ↔ now)"],
  );
  assert.equal(fake.textProviders.get(before.scheme)?.provideTextDocumentContent(before), approved);

  const kept = join(folder, "history", "documents");
  for (const name of await readdir(kept)) {
    await appendFile(join(kept, name), "Forged.\n");
  }
  assert.match((await look()).markdown, /the text that was approved is not kept/);
  await assert.rejects(compareWithApproved(await open()), /that was approved is not kept/);
  await writeFile(document, approved);
  assert.match((await look()).markdown, /a document was changed, and put back as it was\. Nothing goes on/);
  await assert.rejects(compareWithApproved(await open()), /No document of this workflow differs/);
});

test("a press for documents that were changed or deleted since says which, and approves nothing", async (context) => {
  const { desk, look, open, document } = await openApproved(context);
  await appendFile(document, "One more line.\n");
  const first = firstArgument(await look());
  await appendFile(document, "And another.\n");
  await assert.rejects(
    approveByButton(desk, await open(), first),
    /have changed since they were shown: Problem Analysis \(documents\/01-problem-analysis\.md\)\. Read them again/,
  );
  await assert.rejects(approveByButton(desk, await open(), first));
  assert.match(
    fake.messageDetails.at(-1) ?? "",
    /^⚠ Changed since the gate was shown to you: Problem Analysis \(documents\/01-problem-analysis\.md\)\.$/m,
  );
  const second = firstArgument(await look());
  await rm(document);
  await assert.rejects(
    approveByButton(desk, await open(), second),
    /^UserError: Problem Analysis \(documents\/01-problem-analysis\.md\) was deleted\. Put it back/,
  );
  await mkdir(document);
  const { state } = await open();
  assert.equal(state.phases[0]?.approval?.isWithdrawn, true);
});

test("the dialog for an approval that is given again names what was changed", async (context) => {
  const { desk, open, document } = await openApproved(context);
  await appendFile(document, "One more line.\n");
  const { id } = (await open()).state;
  await assert.rejects(approveByButton(desk, await open(), { id }));
  assert.match(
    fake.messageDetails.at(-1) ?? "",
    /^[^\n]* "digits"\n⚠ One section .*\nSince Phase 1 .* was approved, Problem Analysis \(documents\/01-problem-analysis\.md\) has been changed\.\nThe approval is for/,
  );
});

test("what the person wrote into a document that is written anew is named with where it is kept, until it is approved", async (context) => {
  const { desk, folder, open, document, back, look } = await openApproved(context);
  await appendFile(document, "Recall counts most.\n");
  const mine = await readFile(document, "utf8");
  await look();
  await back("1");
  const workflow = await open();
  const { answers } = workflow.state;
  await desk.apply(workflow, { kind: "answered", answers, configuration: {} });
  const anew = await look();
  assert.doesNotMatch(await readFile(document, "utf8"), /Recall counts most/);
  const [, name = ""] =
    /without what you had changed in it\. Your version is kept in `([^`]+)`/.exec(anew.markdown) ?? [];
  assert.equal(await readFile(join(folder, name), "utf8"), mine);
  const compare = (anew.buttons ?? []).find(({ title }) => title === "Compare 01-problem-analysis.md with Yours");
  const { phase, document: compared } = z
    .object({ phase: z.number(), document: z.string() })
    .parse(compare?.arguments?.[0]);
  await compareWithKept(await open(), phase, compared);
  const [before, now] = z.tuple([z.custom<Uri>(), z.custom<Uri>(), z.string()]).parse(fake.executed.at(-1)?.args);
  assert.equal(now.fsPath, document);
  assert.equal(fake.textProviders.get(before.scheme)?.provideTextDocumentContent(before), mine);
  await approveByButton(desk, await open(), firstArgument(anew));
  await back("1");
  await assert.rejects(compareWithKept(await open(), phase, compared), /No text of yours is kept/);
});

test("a gate between approaches shows the document that is approved, with what a person wrote into it", async (context) => {
  const { desk, workspace, ask } = await openDesk(context);
  await ask("ml-trainer", "develop", "digits");
  const [{ store, state: begun } = assert.fail()] = await desk.unfinished();
  await writeNamedFiles(workspace);
  const bench = benchOn(store, begun.id, evidencePorts(workspace));
  await bench.finishUntil(({ phases }) => phases[3]?.kind === "awaiting-approval");
  const document = join(store.folderOf(begun.id), "documents", "04-model-architecture.md");
  await writeFile(document, (await readFile(document, "utf8")).replace("## Side by side", "Only on Mondays.\n\n$&"));
  const { markdown } = await ask("ml-trainer", "develop", `--continue ${begun.id}`);
  assert.match(markdown, /Only on Mondays\.[\s\S]*Which approach shall be built\?/);
});
