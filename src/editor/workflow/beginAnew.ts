import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import { readWorkflowRequest } from "../../core/workflow/workflowRequest.ts";
import type { BrokenWorkflow, OpenWorkflow, WorkflowDesk } from "./workflowDesk.ts";
import { askDefinition, askTask, confirm, required } from "./workflowQuestions.ts";

/** Begins a workflow whose journal is broken once more, from its first phase; all that is there is kept under another name. */
export async function beginAnew(desk: WorkflowDesk, id: string | undefined): Promise<OpenWorkflow> {
  const broken = await chooseBroken(desk, id);
  await confirm(
    `Begin ${broken.id} anew?`,
    "It starts again from the first phase: without its journal nothing that was answered, done or approved in it counts. Its folder is kept beside the new one, under a name that ends in .broken-1.",
    "Begin Anew",
  );
  const files = await desk.files();
  const definitions = files.flatMap(({ definition }) => definition ?? []);
  // An id begins with the name of its workflow, and ends in when it began.
  const [known] = definitions
    .filter(({ name }) => broken.id.startsWith(`${name}-`))
    .toSorted((a, b) => b.name.length - a.name.length);
  const definition = known ?? (await askDefinition(files));
  const task = await askTask(definition, await broken.store.lostTask(broken.id));
  await broken.store.setAside(broken.id);
  return desk.begin(definition, readWorkflowRequest(task), broken.folder);
}

async function chooseBroken(desk: WorkflowDesk, id: string | undefined): Promise<BrokenWorkflow> {
  const { unreadable } = await desk.contents();
  const broken = unreadable.filter((each) => each.isBroken && (id === undefined || each.id === id));
  const [first, ...others] = broken;
  if (first === undefined) {
    throw new UserError("There is no workflow here whose journal is broken. Go on with Trainyard: Continue Workflow.");
  }
  const rows = broken.map((each) => ({ label: each.id, detail: each.reason, each }));
  return others.length === 0
    ? first
    : (await required(vscode.window.showQuickPick(rows, { title: "Which workflow begins anew?" }))).each;
}
