// Takes the place of the desktop VS Code for @vscode/test-electron where that cannot be downloaded: understands
// `--extensionDevelopmentPath`, `--extensionTestsPath` and a folder, runs the suite in the web host, and exits as it did.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "node:util";
import type { Page } from "playwright-core";
import { prepareProfile } from "../../../scripts/host/profile.mjs";
import { startWebHost } from "../../../scripts/host/webHost.mjs";
import { root } from "../../../scripts/paths.mjs";
import { PRINT_MARK } from "../../integration/support/printMark.ts";
import { makeScratchFolder } from "../workspaces.ts";
import { openBrowser } from "./browser.ts";
import { killLeftovers, RUN_MARKER } from "./leftovers.ts";

type TestRun = {
  /** The extension under test. */
  developmentPath: string;
  /** Further extensions, installed beside it: the web workbench takes one development path. */
  companions: readonly string[];
  testsPath: string;
  folder: string | undefined;
  /** Everything VS Code logs, saved for whoever looks into a failure. */
  log: string[];
};

const START_TIMEOUT_MS = 60_000;

const results = join(root, "test-results", "integration");

async function main(): Promise<number> {
  const testRun = readArguments(process.argv.slice(2));
  const scratch = await makeScratchFolder("host");
  const userDataDir = join(scratch, "data");
  const extensionsDir = join(scratch, "extensions");
  await prepareProfile({ userDataDir, extensionsDir, extensions: testRun.companions });
  await rm(results, { recursive: true, force: true });
  const host = await startWebHost({
    userDataDir,
    extensionsDir,
    logFile: join(results, "host.log"),
    env: { [RUN_MARKER]: scratch },
    ...(testRun.folder === undefined ? {} : { folder: testRun.folder }),
  });
  const browser = await openBrowser(join(scratch, "browser"));
  try {
    const page = browser.pages()[0] ?? (await browser.newPage());
    return await runSuite(page, `127.0.0.1:${host.port}`, testRun);
  } finally {
    await browser.close();
    await host.stop();
    await writeFile(join(results, "console.log"), testRun.log.join("\n"));
    await killLeftovers(scratch);
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

function readArguments(values: readonly string[]): TestRun {
  const valuesOf = (name: string): string[] =>
    values.filter((value) => value.startsWith(`--${name}=`)).map((value) => value.slice(name.length + 3));
  const [testsPath] = valuesOf("extensionTestsPath");
  const [developmentPath, ...companions] = valuesOf("extensionDevelopmentPath");
  if (testsPath === undefined || developmentPath === undefined) {
    throw new Error("--extensionTestsPath or --extensionDevelopmentPath is missing.");
  }
  return {
    developmentPath,
    companions,
    testsPath,
    folder: values.find((value) => !value.startsWith("--")),
    log: [],
  };
}

/** Resolves with the code VS Code reports when the suite has ended. */
async function runSuite(page: Page, host: string, testRun: TestRun): Promise<number> {
  await page.addInitScript(enableAutomation);
  await page.exposeFunction("codeAutomationLog", (type: string, values: unknown[]) => {
    testRun.log.push(`[${type}] ${format(...values)}`);
    printLog(values);
  });
  const exitCode = new Promise<number>((resolve) => {
    void page.exposeFunction("codeAutomationExit", (code: number) => resolve(code));
  });
  const remote = (path: string): string => `vscode-remote://${host}${path}`;
  const payload = [
    ["extensionDevelopmentPath", remote(testRun.developmentPath)],
    ["extensionTestsPath", remote(testRun.testsPath)],
    ["skipWelcome", "true"],
  ];
  const folder = testRun.folder === undefined ? "ew=true" : `folder=${encodeURIComponent(testRun.folder)}`;
  await page.goto(`http://${host}/?${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  await page.locator(".monaco-workbench").waitFor({ timeout: START_TIMEOUT_MS });
  return exitCode;
}

/**
 * Runs in the page before VS Code: switches its test driver on in the configuration that the page carries in an
 * attribute. The driver is what reports the console and the end of a suite.
 */
function enableAutomation(): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with `this` of the caller below
  const original = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function getAttribute(name: string): string | null {
    const value = original.call(this, name);
    if (this.id !== "vscode-workbench-web-configuration" || name !== "data-settings" || value === null) {
      return value;
    }
    const settings = JSON.parse(value);
    settings.developmentOptions = { ...settings.developmentOptions, enableSmokeTestDriver: true };
    return JSON.stringify(settings);
  };
}

/** Of all that VS Code logs, what the suite itself prints goes to the terminal. */
function printLog(values: readonly unknown[]): void {
  const [text] = values;
  if (typeof text === "string" && text.startsWith(PRINT_MARK)) {
    process.stdout.write(`${text.slice(PRINT_MARK.length)}\n`);
  }
}

process.exit(await main());
