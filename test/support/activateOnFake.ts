import * as vscode from "vscode";
import type { SlashCommand } from "../../src/core/chat/slashCommand.ts";
import { activate } from "../../src/extension.ts";
import { chatRegistration, type Manifest, openWindow } from "../../src/wiring.ts";
import { fake } from "./fakeVscode.ts";

/** The names under which the extension has registered something. */
export type Registered = {
  commands: readonly string[];
  participants: readonly string[];
  views: readonly string[];
  taskTypes: readonly string[];
  modelVendors: readonly string[];
  mcpProviders: readonly string[];
  /** Whatever else it has called, by the function's name: `registerTool` → the names of the tools. */
  others: Readonly<Record<string, readonly string[]>>;
};

/** A person's state of a workspace in which nothing was ever kept. */
const EMPTY_STATE: vscode.Memento = {
  keys: () => [],
  get: <T>(_key: string, fallback?: T) => fallback,
  update: () => Promise.resolve(),
};

const EXTENSION_FOLDER = "/extension";

/**
 * Runs the extension's own `activate` in the fake editor and gives what it has registered. A function that the fake does
 * not have is noted with its first argument and gives a disposable.
 */
export function activateOnFake(manifest: Manifest): Registered {
  const others: Record<string, string[]> = {};
  const absent = new Proxy(
    {},
    {
      get: (_target, member) => (name: unknown) => {
        (others[String(member)] ??= []).push(String(name));
        return new vscode.Disposable(() => undefined);
      },
    },
  );
  for (const namespace of [vscode.workspace, vscode.window, vscode.languages, vscode.lm, vscode.tasks]) {
    Object.setPrototypeOf(namespace, absent);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts of a context that `activate` reads
  activate({
    extension: { packageJSON: manifest },
    extensionPath: EXTENSION_FOLDER,
    workspaceState: EMPTY_STATE,
    subscriptions: [],
  } as unknown as vscode.ExtensionContext);
  return {
    commands: [...fake.commands.keys()],
    participants: [...fake.participants.keys()],
    views: [...fake.treeProviders.keys()],
    taskTypes: [...fake.taskProviders.keys()],
    modelVendors: [...fake.modelProviders.keys()],
    mcpProviders: [...fake.mcpProviders.keys()],
    others,
  };
}

/** The slash commands of all participants, as the chat loads them. Needs `activateOnFake` before. */
export function loadSlashCommands(manifest: Manifest): Promise<readonly SlashCommand[]> {
  const program = { supervisorPath: "", version: "" };
  const window = openWindow({
    extensionFolder: EXTENSION_FOLDER,
    state: EMPTY_STATE,
    program,
    onError: (error) => {
      throw error;
    },
  });
  return chatRegistration(window, manifest).loadCommands();
}
