import * as vscode from "vscode";
import type { CurveView } from "../../core/dashboard/curveData.ts";
import type { CurvesMessage, CurvesRequest, MarkedFrame } from "../../core/dashboard/curveMessages.ts";

type PageDeps = {
  /** Resolves without curves where the version is still the known one. */
  read: (view: CurveView, knownVersion: number | undefined) => Promise<MarkedFrame>;
  isLive: () => boolean;
  onError: (error: unknown) => void;
};

const LIVE_EVERY_MS = 500;
const IDLE_EVERY_MS = 3_000;

/**
 * Feeds the page of the curves. The page says what it wants to see and when it has drawn; until then nothing more is
 * read or sent, so a slow page is never ahead of itself.
 */
export class CurvesPage implements vscode.Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #deps: PageDeps;
  readonly #subscriptions: vscode.Disposable[];
  #view: CurveView | undefined;
  #shown: { version: number; marks: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;
  #isAskedAnew = false;
  #isDisposed = false;

  constructor(panel: vscode.WebviewPanel, deps: PageDeps) {
    this.#panel = panel;
    this.#deps = deps;
    this.#subscriptions = [
      panel.webview.onDidReceiveMessage((message: CurvesRequest) => this.#receive(message)),
      panel.onDidChangeViewState(() => this.#schedule(0)),
    ];
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#subscriptions.forEach((subscription) => subscription.dispose());
  }

  #receive(message: CurvesRequest): void {
    switch (message.kind) {
      case "view":
        this.#view = message.view;
        this.#shown = undefined;
        if (this.#isBusy) {
          this.#isAskedAnew = true;
        } else {
          this.#schedule(0);
        }
        break;
      case "drawn":
        this.#isBusy = false;
        this.#schedule(this.#isAskedAnew ? 0 : this.#pause());
        this.#isAskedAnew = false;
        break;
      case "inspect":
      case "save":
      case "train":
        answer(message).then(undefined, this.#deps.onError);
    }
  }

  #pause(): number {
    return this.#deps.isLive() ? LIVE_EVERY_MS : IDLE_EVERY_MS;
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isDisposed && this.#panel.visible) {
      this.#timer = setTimeout(() => {
        this.#step().catch((error: unknown) => {
          this.#isBusy = false;
          this.#deps.onError(error);
        });
      }, afterMs);
    }
  }

  async #step(): Promise<void> {
    if (this.#isBusy || this.#view === undefined) {
      return;
    }
    this.#isBusy = true;
    const frame = await this.#deps.read(this.#view, this.#shown?.version);
    const isShown = this.#shown?.version === frame.version && this.#shown.marks === frame.marks.length;
    if (this.#isDisposed) {
      return;
    }
    if (isShown || this.#isAskedAnew) {
      this.#isBusy = false;
      this.#isAskedAnew = false;
      this.#schedule(isShown ? this.#pause() : 0);
      return;
    }
    const isWhole = this.#shown?.version !== frame.version;
    this.#shown = isWhole ? { version: frame.version, marks: frame.marks.length } : undefined;
    if (!isWhole) {
      this.#isBusy = false;
      this.#schedule(0);
      return;
    }
    await this.#post({ kind: "frame", frame });
  }

  async #post(message: CurvesMessage): Promise<void> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a webview of VS Code has no origin to name.
    await this.#panel.webview.postMessage(message);
  }
}

async function answer(message: Exclude<CurvesRequest, { kind: "view" | "drawn" }>): Promise<void> {
  switch (message.kind) {
    case "inspect":
      await vscode.commands.executeCommand("trainyard.inspectCheckpoints", vscode.Uri.file(message.path));
      break;
    case "train":
      await vscode.commands.executeCommand("trainyard.train");
      break;
    case "save":
      await save(message);
      break;
  }
}

async function save({ name, content, encoding }: Extract<CurvesRequest, { kind: "save" }>): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const defaultUri = folder && vscode.Uri.joinPath(folder.uri, name);
  const target = await vscode.window.showSaveDialog(defaultUri ? { defaultUri } : {});
  if (target) {
    await vscode.workspace.fs.writeFile(target, Buffer.from(content, encoding));
  }
}
