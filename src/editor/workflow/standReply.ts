import { keptEdits } from "../../core/workflow/keptEdits.ts";
import { testFilesOf } from "../../core/workflow/testPermission.ts";
import type { Stand } from "../../node/workflow/advanceWorkflow.ts";
import { readTests } from "../../node/workflow/testFiles.ts";
import { readDocument } from "../../node/workflow/workflowDocuments.ts";
import { describeChanges, describeChangesSinceShown } from "./approvalAgain.ts";
import type { OpenWorkflow, WorkflowDesk } from "./workflowDesk.ts";
import type { StandReply } from "./workflowReply.ts";

/** A stand with what it takes to show it. */
export function standReply(desk: WorkflowDesk, { store, state, folder }: OpenWorkflow, stand: Stand): StandReply {
  const documents = store.folderOf(state.id);
  return {
    stand,
    folder: documents,
    readDocument: (document) => readDocument(documents, document),
    describeChanges: ({ phase, isAgain }) =>
      (isAgain ? describeChanges : describeChangesSinceShown)(documents, stand.state, phase),
    readKept: async (phase) => keptEdits(await store.events(state.id), stand.state, phase),
    readTests: (proofs) => readTests(desk.evidenceOf(folder), testFilesOf(proofs)),
  };
}
