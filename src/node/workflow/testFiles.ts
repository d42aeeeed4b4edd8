import { UserError } from "../../core/base/errors.ts";
import { MISSING_DOCUMENT } from "../../core/workflow/workflowState.ts";
import { type EvidencePorts, locateFile } from "./measureProof.ts";
import { readAgentFile } from "./workflowDocuments.ts";
import { hashText } from "./workflowSeal.ts";

/** What test files hold now, as hashes: what a person lets run is exactly this. */
export async function hashTests(ports: EvidencePorts, files: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await hashTest(ports, file)] as const)));
}

/** Those of the files that do not hold any more what the person let run. */
export async function changedTests(
  ports: EvidencePorts,
  allowed: Readonly<Record<string, string>>,
  files: readonly string[],
): Promise<string[]> {
  const held = await hashTests(ports, files);
  return files.filter((file) => held[file] !== allowed[file]);
}

/** A file that cannot be run has a hash as well, which changes once it can. */
async function hashTest(ports: EvidencePorts, path: string): Promise<string> {
  try {
    const { file, isFile } = await locateFile(ports, path);
    const text = isFile ? await readAgentFile(file) : undefined;
    return text === undefined ? MISSING_DOCUMENT : hashText(text);
  } catch (error) {
    if (error instanceof UserError) {
      return MISSING_DOCUMENT;
    }
    throw error;
  }
}
