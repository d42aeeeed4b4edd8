import type { Dirent, Stats } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FakeQuickInput } from "./fakeQuickInput.ts";
import {
  CancellationTokenSource,
  type Diagnostic,
  Disposable,
  EventEmitter,
  FileType,
  type Range,
  TabInputText,
  type Task,
  type TreeItem,
  Uri,
  type WorkspaceEdit,
} from "./fakeVscodeTypes.ts";

/*
 * A stand-in for the `vscode` module: a registry of commands, a workspace on the real disk, and dialogs that answer what
 * a test told them to. Tests look at `fake` for what happened; `resetFake` comes before each of them.
 */

export * from "./fakeVscodeChat.ts";
export * from "./fakeVscodeTypes.ts";

type Handler = (...args: unknown[]) => unknown;
type Pick = { label: string };
type InputBox = { value?: string; validateInput?: (value: string) => string | undefined };
/** Several where the pick takes several. */
type QuickPickChoice = (items: readonly Pick[]) => Pick | readonly Pick[] | undefined;
type FakeParticipant = {
  id: string;
  handler: Handler;
  iconPath?: unknown;
  followupProvider?: { provideFollowups: Handler };
  dispose(): void;
};
type FakeModelProvider = {
  provideLanguageModelChatInformation(): Promise<{ name: string; capabilities: { toolCalling: boolean } }[]>;
  provideLanguageModelChatResponse(
    model: unknown,
    messages: unknown[],
    options: object,
    progress: { report(part: unknown): void },
  ): Promise<void>;
  provideTokenCount(model: unknown, text: string): Promise<number>;
};
type FakeMcpProvider = {
  onDidChangeMcpServerDefinitions(listener: () => void): Disposable;
  provideMcpServerDefinitions(): Promise<{ label: string; args: string[] }[]>;
};
type FakeTreeProvider = {
  getChildren(node?: unknown): unknown[];
  getTreeItem(node: unknown): TreeItem | Promise<TreeItem>;
};
type FakeTool = { name: string; description: string; inputSchema?: object; tags: string[] };
type InvokeTool = (name: string, options: { input: object }, token: unknown) => Promise<unknown>;

const initial = () => ({
  /** Every executed command with its arguments, also of commands nobody registered. */
  executed: [] as { command: string; args: unknown[] }[],
  commands: new Map<string, Handler>(),
  /** Commands of VS Code itself that exist; executing them only records. */
  builtInCommands: ["setContext", "workbench.action.chat.open", "workbench.action.chat.newLocalChat"],
  configuration: new Map<string, unknown>(),
  workspaceFolder: undefined as string | undefined,
  /** The other folders of a workspace with several. */
  moreFolders: [] as string[],
  foldersChanged: new EventEmitter<void>(),
  /** Runs when somebody asks for the models, who waits until it is done. */
  beforeModels: () => Promise.resolve(),
  modelsChanged: new EventEmitter<void>(),
  extensionsChanged: new EventEmitter<void>(),
  statusBar: { text: "", tooltip: "", isShown: false },
  treeProviders: new Map<string, FakeTreeProvider>(),
  isTrusted: true,
  trustGranted: new EventEmitter<void>(),
  diagnostics: new Map<string, readonly Diagnostic[]>(),
  /** Tells every file watcher that a file has changed. */
  fileChanged: new EventEmitter<Uri>(),
  documentOpened: new EventEmitter<{ uri: Uri }>(),
  documentChanged: new EventEmitter<{ document: { uri: Uri } }>(),
  documents: [] as { uri: Uri; getText(): string; isDirty?: boolean; save?(): Promise<boolean> }[],
  /** Manifests of the extensions of the window, by their ids. */
  extensions: [] as { id: string; packageJSON: object }[],
  /** Messages that were shown, and what is answered to them, by the message's beginning. */
  messages: [] as string[],
  /** What the dialogs among them said below, in the same places. */
  messageDetails: [] as string[],
  messageAnswers: new Map<string, string>(),
  quickPick: (() => undefined) as QuickPickChoice,
  /** What is typed above the rows of a list. */
  quickPickText: "",
  /** What the person names in the dialog to save a file. */
  saveTarget: undefined as string | undefined,
  /** What is written into an input box that shows `value`. */
  inputBox: ((value: string | undefined) => value) as (value: string | undefined) => string | undefined,
  /** Whether the person presses Back where this is asked, by its title. */
  goesBack: (() => false) as (title: string) => boolean,
  /** What was said against what was written into input boxes. */
  inputProblems: [] as string[],
  /** Cancels the notification of what goes on. */
  progress: new CancellationTokenSource(),
  shownDocuments: [] as string[],
  tabs: [] as { input: unknown }[],
  /** What serves texts that lie in no file, by their schemes. */
  textProviders: new Map<string, { provideTextDocumentContent(uri: Uri): string }>(),
  clipboard: "",
  log: [] as string[],
  participants: new Map<string, FakeParticipant>(),
  modelProviders: new Map<string, FakeModelProvider>(),
  taskProviders: new Map<string, unknown>(),
  startedTasks: [] as Task[],
  mcpProviders: new Map<string, FakeMcpProvider>(),
  models: [] as unknown[],
  /** Why VS Code cannot list the models. */
  modelsFailure: undefined as Error | undefined,
  tools: [] as FakeTool[],
  invokeTool: ((name: string) => Promise.reject(new Error(`Tool ${name} was not contributed`))) as InvokeTool,
});

export const fake = initial();

export function resetFake(): void {
  Object.assign(fake, initial());
}

function ask(message: string, options?: unknown): Promise<string | undefined> {
  fake.messages.push(message);
  const isDialog = typeof options === "object" && options !== null && "detail" in options;
  fake.messageDetails.push(isDialog ? String(options.detail) : "");
  const answer = [...fake.messageAnswers].find(([beginning]) => message.startsWith(beginning));
  return Promise.resolve(answer?.[1]);
}

export const commands = {
  registerCommand(command: string, handler: Handler): Disposable {
    fake.commands.set(command, handler);
    return new Disposable(() => fake.commands.delete(command));
  },
  async executeCommand(command: string, ...args: unknown[]): Promise<unknown> {
    fake.executed.push({ command, args });
    const handler = fake.commands.get(command);
    if (handler === undefined && !fake.builtInCommands.includes(command)) {
      throw new Error(`command '${command}' not found`);
    }
    return await handler?.(...args);
  },
  getCommands: () => Promise.resolve([...fake.builtInCommands, ...fake.commands.keys()]),
};

export const window = {
  createOutputChannel(name: string) {
    const write = (level: string) => (text: string) => fake.log.push(`${name} ${level} ${text}`);
    const levels = {
      trace: write("trace"),
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
    };
    return { ...levels, show: () => fake.log.push(`${name} shown`), dispose: () => fake.log.push(`${name} disposed`) };
  },
  createTreeView(id: string, { treeDataProvider }: { treeDataProvider: FakeTreeProvider }): Disposable {
    fake.treeProviders.set(id, treeDataProvider);
    const view = new Disposable(() => fake.treeProviders.delete(id));
    return Object.assign(view, { visible: false, onDidChangeVisibility: () => new Disposable(() => undefined) });
  },
  createStatusBarItem() {
    const item = fake.statusBar;
    return {
      set text(text: string) {
        item.text = text;
      },
      set tooltip({ value }: { value: string }) {
        item.tooltip = value;
      },
      show: () => (item.isShown = true),
      hide: () => (item.isShown = false),
      dispose: () => (item.isShown = false),
    };
  },
  showInformationMessage: ask,
  showWarningMessage: ask,
  showErrorMessage: ask,
  showQuickPick: (items: readonly { label: string }[]) => Promise.resolve(fake.quickPick(items)),
  showInputBox: ({ value, validateInput }: InputBox) => {
    const written = fake.inputBox(value);
    const problem = written === undefined ? undefined : validateInput?.(written);
    fake.inputProblems.push(...(problem === undefined ? [] : [problem]));
    return Promise.resolve(written);
  },
  createQuickPick: () =>
    new FakeQuickInput((list) => {
      if (fake.goesBack(list.title)) {
        return "back";
      }
      list.value = fake.quickPickText;
      const chosen = fake.quickPick(list.items) ?? [];
      list.activeItems = [chosen].flat();
      return list.activeItems.length === 0 ? undefined : "accept";
    }),
  createInputBox: () =>
    new FakeQuickInput((box) => {
      if (fake.goesBack(box.title)) {
        return "back";
      }
      const written = fake.inputBox(box.value);
      if (written === undefined) {
        return undefined;
      }
      box.write(written);
      fake.inputProblems.push(...(box.validationMessage === undefined ? [] : [box.validationMessage]));
      return box.validationMessage === undefined ? "accept" : undefined;
    }),
  showSaveDialog: () => Promise.resolve(fake.saveTarget === undefined ? undefined : Uri.file(fake.saveTarget)),
  withProgress: (_options: object, work: (progress: object, token: unknown) => Promise<unknown>) =>
    work({ report: () => undefined }, fake.progress.token),
  showTextDocument: (uri: Uri, options?: { selection?: Range }) => {
    const line = options?.selection === undefined ? "" : `:${options.selection.start.line + 1}`;
    fake.tabs.push({ input: new TabInputText(uri) });
    return Promise.resolve(fake.shownDocuments.push(uri.fsPath + line));
  },
  tabGroups: {
    get all() {
      return [{ tabs: fake.tabs }];
    },
    close: (tab: { input: unknown }) => {
      fake.tabs = fake.tabs.filter((each) => each !== tab);
      return Promise.resolve(true);
    },
  },
};

export const QuickInputButtons = { Back: { tooltip: "Back" } };

export const env = {
  clipboard: {
    writeText: (text: string) => {
      fake.clipboard = text;
      return Promise.resolve();
    },
  },
};

export const workspace = {
  registerTextDocumentContentProvider(scheme: string, provider: { provideTextDocumentContent(uri: Uri): string }) {
    fake.textProviders.set(scheme, provider);
    return new Disposable(() => fake.textProviders.delete(scheme));
  },
  get workspaceFolders() {
    const paths = [fake.workspaceFolder, ...fake.moreFolders].filter((path) => path !== undefined);
    return paths.length === 0
      ? undefined
      : paths.map((path, index) => ({ uri: { scheme: "file", path, fsPath: path }, name: basename(path), index }));
  },
  get isTrusted() {
    return fake.isTrusted;
  },
  get textDocuments() {
    return fake.documents;
  },
  onDidGrantWorkspaceTrust: (listener: () => void) => fake.trustGranted.event(listener),
  onDidOpenTextDocument: (listener: (document: { uri: Uri }) => void) => fake.documentOpened.event(listener),
  onDidChangeTextDocument: (listener: (change: { document: { uri: Uri } }) => void) =>
    fake.documentChanged.event(listener),
  onDidCloseTextDocument: (listener: (document: { uri: Uri }) => void) => fake.documentOpened.event(listener),
  onDidSaveTextDocument: (listener: (document: { uri: Uri }) => void) => fake.documentOpened.event(listener),
  createFileSystemWatcher: () => ({
    onDidChange: fake.fileChanged.event,
    onDidCreate: fake.fileChanged.event,
    onDidDelete: fake.fileChanged.event,
    dispose: () => undefined,
  }),
  onDidChangeWorkspaceFolders: (listener: () => void) => fake.foldersChanged.event(listener),
  onDidChangeConfiguration: () => new Disposable(() => undefined),
  getConfiguration: (section?: string) => ({
    get: (key: string, fallback?: unknown) =>
      fake.configuration.get(section === undefined ? key : `${section}.${key}`) ?? fallback,
  }),
  getWorkspaceFolder(uri: Uri) {
    return this.workspaceFolders?.find(({ uri: folder }) => uri.fsPath.startsWith(`${folder.fsPath}/`));
  },
  /** Every file of a folder, whatever the pattern, but those below folders that `exclude` lists as VS Code writes it. */
  async findFiles(pattern: string | { base: Uri | { uri: Uri } }, exclude?: string | null): Promise<Uri[]> {
    const base = typeof pattern === "string" ? Uri.file(fake.workspaceFolder ?? "") : pattern.base;
    const folder = "uri" in base ? base.uri.fsPath : base.fsPath;
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    const left = new Set(/\{(.+)\}/.exec(exclude ?? "")?.[1]?.split(","));
    const files = entries.filter(
      (entry) => entry.isFile() && !entry.parentPath.split("/").some((part) => left.has(part)),
    );
    return files.map(({ parentPath, name }) => Uri.file(join(parentPath, name)));
  },
  asRelativePath(file: Uri | string): string {
    const folder = `${fake.workspaceFolder ?? ""}/`;
    const path = typeof file === "string" ? file : file.fsPath;
    return path.startsWith(folder) ? path.slice(folder.length) : path;
  },
  async applyEdit(edit: WorkspaceEdit): Promise<boolean> {
    for (const { uri, contents } of edit.files) {
      await mkdir(dirname(uri.fsPath), { recursive: true });
      // As `ignoreIfExists` does: what is there stays.
      await writeFile(uri.fsPath, contents, { flag: "wx" }).catch(() => undefined);
    }
    return true;
  },
  fs: {
    async stat(uri: Uri) {
      const stats = await stat(uri.fsPath);
      return { type: typeOf(stats), size: stats.size, ctime: stats.ctimeMs, mtime: stats.mtimeMs };
    },
    readFile: async (uri: Uri): Promise<Uint8Array> => await readFile(uri.fsPath),
    readDirectory: async (uri: Uri) =>
      (await readdir(uri.fsPath, { withFileTypes: true })).map((entry) => [entry.name, typeOf(entry)] as const),
  },
};

function typeOf(entry: Stats | Dirent): number {
  return entry.isDirectory() ? FileType.Directory : FileType.File;
}

export const chat = {
  createChatParticipant(id: string, handler: Handler) {
    const participant: FakeParticipant = { id, handler, dispose: () => fake.participants.delete(id) };
    fake.participants.set(id, participant);
    return participant;
  },
};

export const lm = {
  get tools() {
    return fake.tools;
  },
  invokeTool: (name: string, options: { input: object }, token: unknown) => fake.invokeTool(name, options, token),
  async selectChatModels() {
    const { models, modelsFailure } = fake;
    await fake.beforeModels();
    if (modelsFailure !== undefined) {
      throw modelsFailure;
    }
    return models;
  },
  onDidChangeChatModels: (listener: () => void) => fake.modelsChanged.event(listener),
  registerMcpServerDefinitionProvider(id: string, provider: FakeMcpProvider): Disposable {
    fake.mcpProviders.set(id, provider);
    return new Disposable(() => fake.mcpProviders.delete(id));
  },
  registerLanguageModelChatProvider(vendor: string, provider: FakeModelProvider): Disposable {
    fake.modelProviders.set(vendor, provider);
    return new Disposable(() => fake.modelProviders.delete(vendor));
  },
};

export const extensions = {
  get all() {
    return fake.extensions;
  },
  onDidChange: (listener: () => void) => fake.extensionsChanged.event(listener),
  getExtension: (id: string) => fake.extensions.find((extension) => extension.id === id),
};

export const tasks = {
  registerTaskProvider(type: string, provider: unknown): Disposable {
    fake.taskProviders.set(type, provider);
    return new Disposable(() => fake.taskProviders.delete(type));
  },
  taskExecutions: [],
  executeTask(task: Task): Promise<{ task: Task }> {
    fake.startedTasks.push(task);
    return Promise.resolve({ task });
  },
};

export const languages = {
  createDiagnosticCollection: () => ({
    set: (uri: Uri, diagnostics: readonly Diagnostic[]) => fake.diagnostics.set(uri.fsPath, diagnostics),
    clear: () => fake.diagnostics.clear(),
    dispose: () => fake.diagnostics.clear(),
  }),
};
