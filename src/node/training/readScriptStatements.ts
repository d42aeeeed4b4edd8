import { join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { type ScriptStatement, scriptStatements } from "../../core/training/evaluation/scriptStatements.ts";
import { auditScript } from "./auditScript.ts";
import { readScript } from "./planLaunch.ts";

/** The scripts beyond these are variants of one. */
const MAX_SCRIPTS = 3;

/** What the training scripts of a folder say of their data and settings. Reads texts only. */
export async function readScriptStatements(
  folder: string,
  scripts: readonly string[],
  signal: AbortSignal,
): Promise<ScriptStatement[]> {
  const statements: ScriptStatement[] = [];
  for (const script of scripts.slice(0, MAX_SCRIPTS)) {
    const path = join(folder, script);
    const audits = await auditScript(path, folder, signal);
    statements.push(...scriptStatements(script, audits, await declaredArguments(path, folder, signal)));
  }
  return [...new Map(statements.map((statement) => [JSON.stringify(statement), statement])).values()];
}

/** Nothing of a script that is gone or cannot be read any more. */
async function declaredArguments(path: string, workspaceFolder: string, signal: AbortSignal) {
  try {
    return (await readScript(path, { workspaceFolder, environment: process.env, signal })).arguments.arguments;
  } catch (error) {
    if (error instanceof UserError) {
      return [];
    }
    throw error;
  }
}
