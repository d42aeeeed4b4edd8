import { UserError } from "../../core/base/errors.ts";
import { formatLocalTime } from "../../core/base/localTime.ts";
import { plainText } from "../../core/base/markdown.ts";
import { describePhase } from "../../core/workflow/phaseNames.ts";
import { describeWait, renderStatus } from "../../core/workflow/renderDocuments.ts";
import { describeMissing } from "../../core/workflow/renderDossier.ts";
import { renderJournal } from "../../core/workflow/renderJournal.ts";
import { hasFinished, type WorkflowState } from "../../core/workflow/workflowState.ts";
import { type CliCall, type CliVerb, JSON_OPTION, UsageError } from "../base/cliVerb.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { exportDossier } from "./exportDossier.ts";
import { openJournalHeads } from "./journalHeads.ts";
import { openSealer } from "./workflowSeal.ts";
import { openWorkflowStore, type WorkflowStore } from "./workflowStore.ts";

type Action = (call: CliCall, store: WorkflowStore) => Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: listWorkflows,
  status: onOne(printStatus),
  journal: onOne(printJournal),
  export: onOne(printExport),
};

/** It looks and exports. Approving takes a button: what runs in a terminal may have been started by a model. */
export const workflowVerb: CliVerb = {
  ...VERB_TEXTS.workflow,
  options: {
    json: JSON_OPTION,
  },
  workspace: "used",
  async run(call) {
    const [name = "list"] = call.words;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined || call.words.length > (name === "list" ? 1 : 2)) {
      throw new UsageError(`workflow takes ${Object.keys(ACTIONS).join(", ")}, and the id of a workflow.`);
    }
    await action(call, openWorkflowStore(call.root, await openSealer(), openJournalHeads()));
    return 0;
  },
};

async function listWorkflows({ host, options, root }: CliCall, store: WorkflowStore): Promise<void> {
  const { workflows, unreadable } = await store.list(now());
  if (options["json"] === true) {
    host.print(JSON.stringify({ workflows: workflows.map(summarize), unreadable }, null, 2));
    return;
  }
  if (workflows.length + unreadable.length === 0) {
    host.print(`There are no guided workflows in ${root}.`);
  }
  for (const state of workflows) {
    host.print(
      `${state.id}  ${describePlace(state)} · changed ${formatLocalTime(state.changedAt, new Date())} · ${state.task}`,
    );
  }
  for (const { id, reason } of unreadable) {
    host.print(`${id}  unreadable: ${reason}`);
  }
}

/** The workflow that is named, else the one that changed last. */
function onOne(show: (call: CliCall, store: WorkflowStore, state: WorkflowState) => Promise<void>): Action {
  return async (call, store) => {
    const [, id] = call.words;
    if (id !== undefined) {
      await requireThere(call, store, id);
      return show(call, store, await store.read(id, now()));
    }
    const { workflows, unreadable } = await store.list(now());
    const [newest] = workflows.toSorted((a, b) => b.changedAt.localeCompare(a.changedAt));
    if (newest === undefined && unreadable.length > 0) {
      const reasons = unreadable.map((each) => `${each.id}: ${each.reason}`);
      throw new UserError(`No guided workflow of ${call.root} can be read. ${reasons.join(" ")}`);
    }
    if (newest === undefined) {
      throw new UserError(`There are no guided workflows in ${call.root}. They are started in the editor.`);
    }
    return show(call, store, newest);
  };
}

async function requireThere({ root }: CliCall, store: WorkflowStore, id: string): Promise<void> {
  const { workflows, unreadable } = await store.list(now());
  const ids = [...workflows, ...unreadable].map((each) => each.id);
  if (!ids.includes(id)) {
    const there =
      ids.length === 0 ? "There are none; they are started in the editor." : `There are: ${ids.join(", ")}.`;
    throw new UserError(`There is no guided workflow "${id.slice(0, 100)}" in ${root}. ${there}`);
  }
}

function printStatus({ host, options }: CliCall, _store: WorkflowStore, state: WorkflowState): Promise<void> {
  host.print(
    options["json"] === true
      ? JSON.stringify(summarize(state), null, 2)
      : `${state.id}: ${state.task}\n\n${plainText(renderStatus(state))}`,
  );
  return Promise.resolve();
}

async function printJournal({ host, options }: CliCall, store: WorkflowStore, state: WorkflowState): Promise<void> {
  const events = await store.events(state.id);
  host.print(options["json"] === true ? JSON.stringify(events, null, 2) : renderJournal(events).join("\n"));
}

async function printExport({ host, options }: CliCall, store: WorkflowStore, state: WorkflowState): Promise<void> {
  const dossier = await exportDossier(store.folderOf(state.id), state);
  const lines = [
    dossier.markdown,
    dossier.page,
    ...dossier.missing.map((each) => `missing: ${plainText(describeMissing(each))}`),
  ];
  host.print(options["json"] === true ? JSON.stringify(dossier, null, 2) : lines.join("\n"));
}

function describePlace(state: WorkflowState): string {
  if (hasFinished(state)) {
    return "done";
  }
  return `${describePhase(state, state.current)}${describeWait(state, state.current)}`;
}

function summarize(state: WorkflowState) {
  const { id, task, definition, startedAt, changedAt, current, phases, isStopped, refusals, tokens } = state;
  return {
    id,
    workflow: definition.name,
    task,
    startedAt,
    changedAt,
    isDone: hasFinished(state),
    isStopped,
    refusals,
    tokens,
    current: hasFinished(state) ? null : current + 1,
    phases: phases.map(({ kind, round, approval }, index) => ({
      number: index + 1,
      title: definition.phases[index]?.title,
      state: kind,
      round,
      approval: approval ?? null,
    })),
  };
}

function now(): string {
  return new Date().toISOString();
}
