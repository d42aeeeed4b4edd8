import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { format } from "node:util";
import Mocha from "mocha";
import { PRINT_MARK } from "./printMark.ts";

/** Patterns of names, separated by "|", that limit a run to the tests that match. */
const FILTER = process.env["TRAINYARD_TEST_FILTER"] ?? "";

/** What VS Code calls once the extension host runs; resolves when every test has passed. */
export async function run(): Promise<void> {
  markPrints();
  const mocha = new Mocha({ ui: "tdd", reporter: "spec", color: true, diff: false, timeout: 60_000 });
  const wanted = new RegExp(FILTER, "i");
  mocha.grep(wanted);
  const folder = join(import.meta.dirname, "..");
  const suites = (await readdir(folder)).filter((name) => name.endsWith(".test.mjs"));
  for (const name of suites.toSorted()) {
    mocha.addFile(join(folder, name));
  }
  await mocha.loadFilesAsync();
  // Mocha itself passes when there is nothing to run.
  if (!testNames(mocha).some((name) => wanted.test(name))) {
    mocha.suite.addTest(new Mocha.Test(`at least one integration test matches ${FILTER}`, refuse));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) {
    throw new Error(`${failures} integration ${failures === 1 ? "test" : "tests"} failed.`);
  }
}

function testNames(mocha: Mocha): string[] {
  const names: string[] = [];
  mocha.suite.eachTest((test) => names.push(test.fullTitle()));
  return names;
}

function refuse(): never {
  throw new Error("None does.");
}

function markPrints(): void {
  const print = console.log;
  const marked = (...values: unknown[]): void => print(PRINT_MARK + format(...values));
  console.log = marked;
  Mocha.reporters.Base.consoleLog = marked;
}
