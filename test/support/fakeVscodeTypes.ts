/** The value classes of the fake `vscode`: small, and equal in what our sources use of them. */

export class Disposable {
  readonly #dispose: () => void;
  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }
  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => disposables.forEach((each) => each.dispose()));
  }
  dispose(): void {
    this.#dispose();
  }
}

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): Disposable => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(value: T): void {
    for (const listener of this.#listeners) {
      listener(value);
    }
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class CancellationError extends Error {
  override readonly name = "Canceled";
}

export class CancellationTokenSource {
  readonly #emitter = new EventEmitter<void>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#emitter.event };
  cancel(): void {
    this.token.isCancellationRequested = true;
    this.#emitter.fire();
  }
  dispose(): void {
    this.#emitter.dispose();
  }
}

export class Position {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(startLine: number, startCharacter: number, endLine: number, endCharacter: number) {
    this.start = new Position(startLine, startCharacter);
    this.end = new Position(endLine, endCharacter);
  }
}

export class Uri {
  readonly scheme: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
  private constructor(scheme: string, path: string, query = "", fragment = "") {
    this.scheme = scheme;
    this.path = path;
    this.query = query;
    this.fragment = fragment;
  }
  static file(path: string): Uri {
    return new Uri("file", path);
  }
  static parse(text: string): Uri {
    const [, scheme = "", path = ""] = /^(\w+):\/\/(.*)$/s.exec(text) ?? [];
    return new Uri(scheme, path);
  }
  static from(parts: { scheme: string; path: string }): Uri {
    return new Uri(parts.scheme, parts.path);
  }
  static joinPath(base: Uri, ...segments: string[]): Uri {
    return new Uri(base.scheme, [base.path.replace(/\/$/, ""), ...segments].join("/"));
  }
  get fsPath(): string {
    return this.path;
  }
  with({ query = this.query, fragment = this.fragment }: { query?: string; fragment?: string }): Uri {
    return new Uri(this.scheme, this.path, query, fragment);
  }
  toString(): string {
    const query = this.query === "" ? "" : `?${this.query}`;
    return `${this.scheme}://${this.path}${query}${this.fragment === "" ? "" : `#${this.fragment}`}`;
  }
}

export class Location {
  readonly uri: Uri;
  readonly range: Range;
  constructor(uri: Uri, place: Range | Position) {
    this.uri = uri;
    this.range =
      place instanceof Position ? new Range(place.line, place.character, place.line, place.character) : place;
  }
}

export class ThemeIcon {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class TabInputText {
  readonly uri: Uri;
  constructor(uri: Uri) {
    this.uri = uri;
  }
}

export class TabInputTextDiff {
  readonly modified: Uri;
  constructor(modified: Uri) {
    this.modified = modified;
  }
}

export class TreeItem {
  iconPath?: unknown;
  readonly label: string;
  readonly collapsibleState: number;
  description?: string;
  tooltip?: string;
  accessibilityInformation?: { readonly label: string };
  contextValue?: string;
  constructor(label: string, collapsibleState = 0) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

export class MarkdownString {
  readonly value: string;
  isTrusted?: boolean | { readonly enabledCommands: readonly string[] };
  constructor(value = "") {
    this.value = value;
  }
}

export class WorkspaceEdit {
  readonly files: { uri: Uri; contents: Uint8Array }[] = [];
  createFile(uri: Uri, options: { contents: Uint8Array }): void {
    this.files.push({ uri, contents: options.contents });
  }
}

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;
export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const FileType = { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const ExtensionMode = { Production: 1, Development: 2, Test: 3 } as const;

export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 } as const;

export class Diagnostic {
  readonly range: Range;
  readonly message: string;
  readonly severity: number;
  source?: string;
  code?: string;
  constructor(range: Range, message: string, severity: number) {
    this.range = range;
    this.message = message;
    this.severity = severity;
  }
}

export const TaskPanelKind = { Shared: 1, Dedicated: 2, New: 3 } as const;
export const TaskRevealKind = { Always: 1, Silent: 2, Never: 3 } as const;

export class ProcessExecution {
  readonly process: string;
  readonly args: readonly string[];
  readonly options: { env?: Record<string, string> } | undefined;

  constructor(process: string, args: readonly string[], options?: { env?: Record<string, string> }) {
    this.process = process;
    this.args = args;
    this.options = options;
  }
}

export class Task {
  readonly definition: unknown;
  readonly name: string;
  readonly execution: ProcessExecution;

  constructor(...[definition, , name, , execution]: [unknown, unknown, string, string, ProcessExecution]) {
    this.definition = definition;
    this.name = name;
    this.execution = execution;
  }
}

export const CodeActionKind = { QuickFix: "quickfix" };

export class RelativePattern {
  readonly base: unknown;
  readonly pattern: string;

  constructor(base: unknown, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

export class McpStdioServerDefinition {
  label: string;
  command: string;
  args: string[];
  constructor(label: string, command: string, args: string[]) {
    this.label = label;
    this.command = command;
    this.args = args;
  }
}
