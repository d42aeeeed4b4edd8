import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, type TestContext, test } from "node:test";
import * as z from "zod";
import type { Reply } from "../../../src/core/chat/reply.ts";
import { registerShownTexts } from "../../../src/editor/base/shownText.ts";
import { approveByButton } from "../../../src/editor/workflow/approval.ts";
import { compareWithApproved, compareWithKept, compareWithShown } from "../../../src/editor/workflow/approvalAgain.ts";
import { workflowCommands } from "../../../src/editor/workflow/workflowCommands.ts";
import { fake, resetFake, Uri } from "../../support/fakeVscode.ts";
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

test("a press for documents that were changed or deleted since approves nothing and shows what has changed", async (context) => {
  const { desk, folder, look, open, document } = await openApproved(context);
  await appendFile(document, "One more line.\n");
  const first = firstArgument(await look());
  await appendFile(document, "And another.\n");
  const after = await approveByButton(desk, await open(), first);
  assert.equal(after.phases[0]?.approval?.isWithdrawn, true);
  const journal = await readFile(join(folder, "journal.jsonl"), "utf8");
  assert.match(journal, /"refused".*have changed since they were shown: Problem Analysis/);
  await assert.rejects(approveByButton(desk, await open(), first));
  assert.match(
    fake.messageDetails.at(-1) ?? "",
    /^⚠ Changed since the gate was shown to you: Problem Analysis \(documents\/01-problem-analysis\.md\)\.$/m,
  );
  const second = firstArgument(await look());
  await rm(document);
  assert.equal((await approveByButton(desk, await open(), second)).phases[0]?.approval?.isWithdrawn, true);
  assert.match((await look()).markdown, /documents\/01-problem-analysis\.md/);
  await mkdir(document);
  const { state } = await open();
  assert.equal(state.phases[0]?.approval?.isWithdrawn, true);
});

test("a gate whose document was changed before its approval shows the difference to what was shown", async (context) => {
  const { desk, open, look, back, document } = await openApproved(context);
  await back("1");
  const { answers } = (await open()).state;
  await desk.apply(await open(), { kind: "answered", answers, configuration: {} });
  const shown = await look();
  const before = await readFile(document, "utf8");
  assert.doesNotMatch(shown.markdown, /changed since it was shown/);
  await assert.rejects(compareWithShown(await open(), 0), /has changed since this window showed it/);
  await appendFile(document, "Recall counts most.\n");
  const after = await approveByButton(desk, await open(), firstArgument(shown));
  assert.equal(after.phases[0]?.kind, "awaiting-approval");
  const again = await look();
  assert.match(
    again.markdown,
    /⚠ This has changed since it was shown to you, so read it again:\n\n\*\*Problem Analysis/,
  );
  assert.match(again.markdown, /```diff[\s\S]*\n\+Recall counts most\.\n```/);
  const { arguments: given } = again.buttons?.find(({ title }) => title === "Compare…") ?? assert.fail();
  assert.doesNotMatch((await look()).markdown, /changed since it was shown/, "it has been shown now");
  const { compareWorkflowDocument = assert.fail() } = workflowCommands(desk);
  await compareWorkflowDocument(given?.[0]);
  const [left, right, title] = z
    .tuple([z.custom<Uri>(), z.custom<Uri>(), z.string()])
    .parse(fake.executed.at(-1)?.args);
  assert.equal(fake.textProviders.get(left.scheme)?.provideTextDocumentContent(left), before);
  assert.deepEqual([right.fsPath, title], [document, "documents/01-problem-analysis.md (shown ↔ now)"]);
});

test("what is typed and not saved is saved before an approval, so that none covers less than what is seen", async (context) => {
  const { desk, open, back, look, document } = await openApproved(context);
  await back("1");
  const { answers } = (await open()).state;
  await desk.apply(await open(), { kind: "answered", answers, configuration: {} });
  const press = firstArgument(await look());
  const typed = { uri: Uri.file(document), getText: () => "", isDirty: true, isWritable: false };
  const save = async () => {
    typed.isDirty = !typed.isWritable;
    await (typed.isWritable ? appendFile(document, "Typed, not saved.\n") : undefined);
    return typed.isWritable;
  };
  fake.documents = [{ ...typed, save }];
  await assert.rejects(approveByButton(desk, await open(), press), /could not be saved, and what is typed in it/);
  typed.isWritable = true;
  const after = await approveByButton(desk, await open(), firstArgument(await look()));
  assert.equal(after.phases[0]?.kind, "awaiting-approval", "the text that was shown is not the one that is there now");
  assert.match((await look()).markdown, /\n\+Typed, not saved\.\n/);
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
