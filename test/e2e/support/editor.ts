import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { prepareProfile } from "../../../scripts/host/profile.mjs";
import { findFreePort, startWebHost, type WebHost } from "../../../scripts/host/webHost.mjs";
import { root } from "../../../scripts/paths.mjs";
import { openBrowser } from "../../support/webHost/browser.ts";
import { killLeftovers, RUN_MARKER } from "../../support/webHost/leftovers.ts";
import { copySample, makeScratchFolder, writeWorkspace } from "../../support/workspaces.ts";
import { CommandDoor } from "./door.ts";
import { ScriptedModel } from "./scriptedModel.ts";

/** The terminal draws elements that can be read instead of a canvas; no panel opens that a journey did not ask for. */
const TEST_SETTINGS = { "terminal.integrated.gpuAcceleration": "off", "trainyard.curves.openOnFirstRun": false };

const testExtension = (name: string): string => join(root, "out", "testExtensions", name);

export type EditorOptions = {
  /** Path → text; absent: a copy of `examples/digits`. */
  files?: Record<string, string>;
  /** False opens a window without a folder. */
  hasFolder?: boolean;
  settings?: Record<string, unknown>;
  /** True opens the folder in Restricted Mode, until `trustFolder`; otherwise every folder is trusted. */
  isTrustAsked?: boolean;
  /** True installs the scripted model, which then serves every prompt. */
  hasScriptedModel?: boolean;
  /** Further extensions, as folders with a package.json. */
  extensions?: readonly string[];
  env?: Record<string, string>;
  /** How high the window is in pixels; absent: as high as a laptop's. */
  windowHeight?: number;
};

/** A real VS Code with Trainyard, seen through a browser. */
export class Editor {
  readonly scratch: string;
  /** The opened folder. */
  readonly workspace: string;
  readonly door: CommandDoor;
  readonly model: ScriptedModel;
  readonly consoleLines: string[] = [];
  readonly #options: EditorOptions;
  readonly #port: number;
  #host: WebHost | undefined;
  #context: BrowserContext | undefined;
  #page: Page | undefined;

  private constructor(scratch: string, workspace: string, port: number, options: EditorOptions) {
    this.scratch = scratch;
    this.workspace = workspace;
    this.#port = port;
    this.#options = options;
    this.door = new CommandDoor(join(scratch, "door"));
    this.model = new ScriptedModel(join(scratch, "model"));
  }

  /** Resolves when the workbench shows and the extension host runs. */
  static async open(name: string, options: EditorOptions = {}): Promise<Editor> {
    const scratch = await makeScratchFolder(name);
    const workspace =
      options.files === undefined ? await copySample(scratch) : await writeWorkspace(scratch, options.files);
    const editor = new Editor(scratch, workspace, await findFreePort(), options);
    try {
      await editor.start();
    } catch (error) {
      await editor.close();
      throw error;
    }
    return editor;
  }

  get page(): Page {
    if (this.#page === undefined) {
      throw new Error("The editor is closed.");
    }
    return this.#page;
  }

  get extensionHostLogs(): string {
    return join(this.scratch, "data", "logs");
  }

  get hostLog(): string {
    return join(this.scratch, "host.log");
  }

  /** Starts the server and the window, the first time or again on the same profile and the same address. */
  async start(): Promise<void> {
    const userDataDir = join(this.scratch, "data");
    const extensionsDir = join(this.scratch, "extensions");
    const { settings = {}, extensions = [], hasScriptedModel = false, isTrustAsked = false } = this.#options;
    await prepareProfile({
      userDataDir,
      extensionsDir,
      settings: { ...TEST_SETTINGS, ...settings },
      extensions: [
        root,
        testExtension("commandDoor"),
        ...(hasScriptedModel ? [testExtension("scriptedModel")] : []),
        ...extensions,
      ],
    });
    await this.model.prepare();
    await this.door.prepare();
    this.#host = await startWebHost({
      userDataDir,
      extensionsDir,
      isTrustAsked,
      port: this.#port,
      logFile: this.hostLog,
      env: {
        [RUN_MARKER]: this.scratch,
        TRAINYARD_SCRIPTED_MODEL: this.model.folder,
        TRAINYARD_COMMAND_DOOR: this.door.folder,
        ...this.#options.env,
      },
    });
    await this.openWindow();
  }

  /** Opens the browser window; the server runs already. */
  async openWindow(): Promise<void> {
    const context = await openBrowser(join(this.scratch, "browser"), this.#options.windowHeight);
    this.#context = context;
    const page = context.pages()[0] ?? (await context.newPage());
    this.#page = page;
    await this.#show(page);
  }

  /** A second browser window on the same folder. What the command door is asked from now on, this window does. */
  async openSecondWindow(): Promise<Page> {
    const context = this.#context;
    if (context === undefined) {
      throw new Error("The editor is closed.");
    }
    await this.door.forgetReady();
    const page = await context.newPage();
    await this.#show(page);
    return page;
  }

  /** "Developer: Reload Window": the extension host starts anew, terminals and background tasks stay. */
  async reload(): Promise<void> {
    await this.door.forgetReady();
    await this.page.reload();
    await this.#waitUntilReady(this.page);
  }

  /** Closes the window and the server as a person quits VS Code; `start` opens them again. */
  async quit(): Promise<void> {
    await this.closeWindow();
    await this.#host?.stop();
    this.#host = undefined;
    await this.door.forgetReady();
  }

  /** Ends the server as a crash would, window and all. */
  async crash(): Promise<void> {
    await this.#host?.kill();
    this.#host = undefined;
    await this.closeWindow();
    await this.door.forgetReady();
  }

  async closeWindow(): Promise<void> {
    await this.#context?.close();
    this.#context = undefined;
    this.#page = undefined;
  }

  /** Ends everything the editor started, runs that outlive it included, and removes its folders. */
  async close(): Promise<void> {
    await this.closeWindow().catch(() => {});
    await this.#host?.stop();
    await killLeftovers(this.scratch);
    await rm(this.scratch, { recursive: true, force: true, maxRetries: 5 });
  }

  async saveLogs(into: string): Promise<void> {
    await mkdir(into, { recursive: true });
    await cp(this.hostLog, join(into, "host.log")).catch(() => {});
    await cp(this.extensionHostLogs, join(into, "logs"), { recursive: true }).catch(() => {});
  }

  async #show(page: Page): Promise<void> {
    page.setDefaultTimeout(60_000);
    page.on("console", (message) => this.consoleLines.push(message.text()));
    page.on("pageerror", (error) => this.consoleLines.push(`page error: ${error.message}`));
    page.on("dialog", (dialog) => void dialog.accept());
    const query = this.#options.hasFolder === false ? "?ew=true" : `?folder=${encodeURIComponent(this.workspace)}`;
    await page.goto(`http://127.0.0.1:${this.#port}/${query}`);
    await this.#waitUntilReady(page);
  }

  async #waitUntilReady(page: Page): Promise<void> {
    await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    await page.locator(".part.statusbar").waitFor();
    await this.door.ready();
  }
}
