import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { UserError } from "../../core/base/errors.ts";
import type { StaticFinding } from "../../core/workflow/staticFinding.ts";
import type { KnownFact } from "../../core/workflow/templateOutput.ts";
import type { WorkflowDefinition } from "../../core/workflow/workflowDefinition.ts";
import type { Actor, WorkflowEvent } from "../../core/workflow/workflowEvent.ts";
import type { WorkflowRequest } from "../../core/workflow/workflowRequest.ts";
import type { WorkflowState } from "../../core/workflow/workflowState.ts";
import type { AskAgent, Stand } from "../../node/workflow/advanceWorkflow.ts";
import type { EvidencePorts } from "../../node/workflow/measureProof.ts";
import type { WorkflowFile } from "../../node/workflow/workflowFiles.ts";
import type { UnreadableWorkflow, WorkflowStore } from "../../node/workflow/workflowStore.ts";
import { chooseWorkspaceFolder, displayPath, requireTrust } from "../base/workspace.ts";

/** What other slices do for the workflows. */
export type WorkflowSources = {
  extensionFolder: string;
  collectFacts(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<readonly KnownFact[]>;
  /** What reading the code of a folder finds, without running it. */
  checkCode(folder: vscode.WorkspaceFolder, signal: AbortSignal): Promise<readonly StaticFinding[]>;
  /** What the claims of agents are looked at with. */
  evidenceOf(folder: vscode.WorkspaceFolder): EvidencePorts;
  /** Makes `.trainyard` with its .gitignore. */
  prepareFolder(folder: string): Promise<void>;
};

/** A workflow of one of the open folders. */
export type OpenWorkflow = { folder: vscode.WorkspaceFolder; store: WorkflowStore; state: WorkflowState };

/** A workflow that cannot be read, with where it lies. */
export type BrokenWorkflow = UnreadableWorkflow & { folder: vscode.WorkspaceFolder; store: WorkflowStore };

export type DeskContents = { workflows: OpenWorkflow[]; unreadable: BrokenWorkflow[] };

const WATCHED = "**/.trainyard/workflows/**";
const DEFAULT_PARALLEL = 3;
const DEFAULT_TOKENS = 200_000;

/** The workflows of a window: where doors find, start and change them. */
export class WorkflowDesk implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #watcher: vscode.FileSystemWatcher;
  readonly #sources: WorkflowSources;
  readonly #stores = new Map<string, Promise<WorkflowStore>>();
  readonly onDidChange = this.#changed.event;

  constructor(sources: WorkflowSources) {
    this.#sources = sources;
    this.#watcher = vscode.workspace.createFileSystemWatcher(WATCHED);
    const tell = () => this.#changed.fire(undefined);
    this.#watcher.onDidChange(tell);
    this.#watcher.onDidCreate(tell);
    this.#watcher.onDidDelete(tell);
  }

  async contents(): Promise<DeskContents> {
    const contents: DeskContents = { workflows: [], unreadable: [] };
    // Reading notes what was changed by hand, and a folder that is not trusted is not written to.
    if (!vscode.workspace.isTrusted) {
      return contents;
    }
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const store = await this.#storeOf(folder);
      const list = await store.list(now());
      contents.workflows.push(...list.workflows.map((state) => ({ folder, store, state })));
      contents.unreadable.push(...list.unreadable.map((each) => ({ ...each, folder, store })));
    }
    return contents;
  }

  async find(id: string): Promise<OpenWorkflow> {
    const { workflows, unreadable } = await this.contents();
    const found = workflows.find(({ state }) => state.id === id);
    if (found === undefined) {
      const reason = unreadable.find((each) => each.id === id)?.reason;
      throw new UserError(
        reason ?? `There is no workflow ${id} in this workspace. /status lists those that there are.`,
      );
    }
    return found;
  }

  /** Those in which something is still to be done, the one that changed last first. */
  async unfinished(participant?: string): Promise<OpenWorkflow[]> {
    const { isUnderWay } = await import("../../core/workflow/workflowState.ts");
    return (await this.led(participant)).filter(({ state }) => isUnderWay(state));
  }

  /** Those that a participant leads, or all, the one that changed last first. */
  async led(participant?: string): Promise<OpenWorkflow[]> {
    const { workflows } = await this.contents();
    return workflows
      .filter(({ state }) => participant === undefined || state.definition.participant === participant)
      .toSorted((a, b) => b.state.changedAt.localeCompare(a.state.changedAt));
  }

  /** The workflow files that are shipped and those of the open folders; the workspace's count only when it is trusted. */
  async files(): Promise<WorkflowFile[]> {
    const { readWorkflowFiles, workflowFolder } = await import("../../node/workflow/workflowFiles.ts");
    const own = vscode.workspace.isTrusted
      ? (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => workflowFolder(uri.fsPath))
      : [];
    return readWorkflowFiles([path.join(this.#sources.extensionFolder, "workflows"), ...own]);
  }

  /** The definition by its name. Refuses a name that no file has, and one whose file has problems, with their places. */
  async definition(name: string): Promise<WorkflowDefinition> {
    const files = await this.files();
    const found = files.find(({ definition }) => definition?.name === name)?.definition;
    if (found !== undefined) {
      return found;
    }
    const broken = files.filter(({ problems }) => problems.length > 0).map(describeProblems);
    const known = files.flatMap(({ definition }) => definition?.name ?? []);
    throw new UserError([`There is no workflow "${name}". There are: ${known.join(", ")}.`, ...broken].join(" "));
  }

  /** `place`: the folder that it is kept in, where that is known; else the person is asked where there are several. */
  async begin(
    definition: WorkflowDefinition,
    request: WorkflowRequest,
    place?: vscode.WorkspaceFolder,
  ): Promise<OpenWorkflow> {
    const folder = place ?? (await chooseWorkspaceFolder());
    requireTrust("a guided workflow");
    if (request.slug !== undefined && !definition.takesCapsule) {
      throw new UserError(`${definition.title} takes no capsule. Start it without --capsule.`);
    }
    const { makeWorkflowId } = await import("../../core/workflow/workflowRequest.ts");
    const { askingForTask } = await import("../../core/workflow/missingTask.ts");
    const { readCapsule } = await import("../../node/workflow/workflowFiles.ts");
    const capsule = request.slug === undefined ? undefined : await readCapsule(folder.uri.fsPath, request.slug);
    await this.#sources.prepareFolder(folder.uri.fsPath);
    const store = await this.#storeOf(folder);
    const at = now();
    const id = makeWorkflowId(definition.name, at, randomBytes(2).toString("hex"));
    const named = request.task === "" ? capsule?.goal : request.task;
    const begun = {
      task: named ?? definition.title,
      definition: named === undefined ? askingForTask(definition) : definition,
    };
    const event = { kind: "started" as const, id, ...begun, ...(capsule === undefined ? {} : { capsule }) };
    const state = await store.begin({ event, by: person(), at });
    this.#changed.fire(undefined);
    return { folder, store, state };
  }

  /** An event of the person. Refuses with the reason where it does not count. */
  async apply({ store, state }: OpenWorkflow, event: WorkflowEvent): Promise<WorkflowState> {
    requireTrust("a guided workflow");
    const { state: after, refusal } = await store.apply(state.id, { event, by: person(), at: now() });
    this.#changed.fire(undefined);
    if (refusal !== undefined) {
      throw new UserError(refusal);
    }
    return after;
  }

  /** Leaves a line of what was tried and not done. `by` is the person, unless it says otherwise. */
  async note(
    { store, state }: OpenWorkflow,
    refused: { attempt: string; reason: string },
    by: Actor = person(),
  ): Promise<void> {
    await store.apply(state.id, { event: { kind: "refused", ...refused }, by, at: now() });
    this.#changed.fire(undefined);
  }

  /** Does what needs no person, until something does. Gives the announcements beside. */
  async advance(
    { store, state, folder }: OpenWorkflow,
    door: { askAgent?: AskAgent; progress: (markdown: string) => void },
    signal: AbortSignal,
  ): Promise<Stand> {
    requireTrust("a guided workflow");
    const { advanceWorkflow } = await import("../../node/workflow/advanceWorkflow.ts");
    const settings = vscode.workspace.getConfiguration("trainyard.workflow");
    let facts: Promise<readonly KnownFact[]> | undefined;
    const stand = await advanceWorkflow({
      store,
      id: state.id,
      signal,
      host: {
        ...door,
        now,
        facts: () => (facts ??= this.#sources.collectFacts(folder, signal)),
        // The code changes while a workflow is at work, and a phase is long.
        staticChecks: () => this.#sources.checkCode(folder, signal),
        evidence: this.evidenceOf(folder),
        maxParallel: settings.get("parallelAgents", DEFAULT_PARALLEL),
        maxTokensPerTask: settings.get("tokensPerAgent", DEFAULT_TOKENS),
      },
    });
    this.#changed.fire(undefined);
    return stand;
  }

  evidenceOf(folder: vscode.WorkspaceFolder): EvidencePorts {
    return this.#sources.evidenceOf(folder);
  }

  dispose(): void {
    this.#watcher.dispose();
    this.#changed.dispose();
  }

  #storeOf(folder: vscode.WorkspaceFolder): Promise<WorkflowStore> {
    const key = folder.uri.fsPath;
    const known = this.#stores.get(key);
    if (known !== undefined) {
      return known;
    }
    const opening = openStore(key);
    this.#stores.set(key, opening);
    // What was wrong may be put right without a reload of the window.
    opening.catch(() => this.#stores.delete(key));
    return opening;
  }
}

async function openStore(folder: string): Promise<WorkflowStore> {
  const { openJournalHeads } = await import("../../node/workflow/journalHeads.ts");
  const { openSealer } = await import("../../node/workflow/workflowSeal.ts");
  const { openWorkflowStore } = await import("../../node/workflow/workflowStore.ts");
  const { tellTampering } = await import("./tellTampering.ts");
  return openWorkflowStore(folder, await openSealer(), openJournalHeads(), tellTampering);
}

export function now(): string {
  return new Date().toISOString();
}

/** Who approves: the user of this machine. */
export function person(): Actor {
  return { kind: "person", name: userInfo().username };
}

export function describeProblems({ path: file, problems }: WorkflowFile): string {
  const [first] = problems;
  const more = problems.length > 1 ? ` and ${problems.length - 1} more` : "";
  return `${displayPath(file)}:${(first?.range.start.line ?? 0) + 1}: ${first?.message}${more}.`.replace("..", ".");
}
