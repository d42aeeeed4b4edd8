import assert from "node:assert/strict";
import { cliPath, spawnNode } from "./runFixtures.ts";

/** Calls the command line in a folder. */
export function trainyard(root: string, ...args: string[]) {
  return spawnNode([cliPath, ...args], { cwd: root });
}

/** The same to its end, with what it has to end with and to print. */
export async function check(
  root: string,
  args: string[],
  expectedCode: number,
  expectedOutput: RegExp,
): Promise<string> {
  const call = trainyard(root, ...args);
  assert.equal(await call.ended, expectedCode, call.output);
  assert.match(call.output, expectedOutput);
  return call.output;
}
