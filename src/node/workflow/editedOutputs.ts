import { join } from "node:path";
import { takeInOutput } from "../../core/workflow/editedOutput.ts";
import { doneTasks } from "../../core/workflow/renderDocuments.ts";
import {
  MISSING_DOCUMENT,
  phaseAt,
  phaseDocument,
  taskDocument,
  type WorkflowState,
} from "../../core/workflow/workflowState.ts";
import { hashOfDocument, keepText, readApproved, readDocument, writeDocument } from "./workflowDocuments.ts";

/** The text of the document of a phase, with the outputs of its tasks as they are on disk. */
export async function withEditedOutputs(
  folder: string,
  state: WorkflowState,
  text: string,
  { phase, tasks }: { phase: number; tasks?: readonly string[] },
): Promise<string> {
  let taken = text;
  for (const task of tasks ?? agreedTasks(state, phase)) {
    const document = taskDocument(state, phase, task);
    const hash = await hashOfDocument(join(folder, document));
    // One that is gone or far too long is told of at the gate.
    const isReadable = hash !== MISSING_DOCUMENT && !hash.endsWith(" bytes");
    const output = isReadable ? await readDocument(folder, document) : undefined;
    const known = state.documents[document];
    const before = known === undefined ? undefined : await readApproved(folder, document, known);
    const edited = { phase, task, ...(before === undefined ? {} : { before }) };
    taken = output === undefined ? taken : takeInOutput(taken, state, { ...edited, output });
  }
  return taken;
}

/** Brings what the person has changed in outputs since the journal knew them into the documents of their phases. */
export async function takeInEdits(folder: string, state: WorkflowState): Promise<void> {
  for (const phase of state.phases.keys()) {
    const changed: string[] = [];
    for (const task of agreedTasks(state, phase)) {
      const document = taskDocument(state, phase, task);
      const known = state.documents[document];
      if (known !== undefined && known !== (await hashOfDocument(join(folder, document)))) {
        changed.push(task);
      }
    }
    const document = phaseDocument(state, phase);
    const isDue = changed.length > 0 && state.documents[document] !== undefined;
    const text = isDue ? await readDocument(folder, document) : undefined;
    const taken =
      text === undefined ? undefined : await withEditedOutputs(folder, state, text, { phase, tasks: changed });
    if (taken !== undefined && taken !== text) {
      for (const task of changed) {
        await keepText(folder, taskDocument(state, phase, task));
      }
      await writeDocument(folder, document, taken);
    }
  }
}

/** Keeps the outputs that go into the document of a phase, so that what the person writes into it can be told from them. */
export async function keepOutputs(folder: string, state: WorkflowState, phase: number): Promise<void> {
  for (const task of agreedTasks(state, phase)) {
    await keepText(folder, taskDocument(state, phase, task));
  }
}

/** The tasks that are done and stand in the document of the phase: what agents do after a gate is no part of what was agreed to. */
function agreedTasks(state: WorkflowState, phase: number): string[] {
  const before = phaseAt(state, phase).definition.steps.filter(({ afterGate }) => afterGate === undefined);
  const agreed = new Set(before.flatMap(({ tasks }) => tasks.map(({ id }) => id)));
  return doneTasks(state, phase).flatMap(({ task }) => (agreed.has(task.id) ? [task.id] : []));
}
