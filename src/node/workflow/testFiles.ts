import type { Dirent } from "node:fs";
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { differingNames } from "../../core/workflow/testPermission.ts";
import { type AllowedTests, MISSING_DOCUMENT, type TestContents } from "../../core/workflow/workflowState.ts";
import { errorCode } from "../base/fileErrors.ts";
import { listFolder } from "../base/listFolder.ts";
import { hashFile } from "./agentFiles.ts";
import { FILLED_BY_PROGRAMS, MARKS_OF_ENVIRONMENTS } from "./closedNames.ts";
import { type EvidencePorts, locateFile } from "./measureProof.ts";
import { hashText } from "./workflowSeal.ts";

/** A project has hundreds; beyond this the folder is one of many projects, and looking at all would take minutes. */
const MAX_CODE_FILES = 20_000;

/** What Python can import, and what tells pytest what to load. */
const CODE = /\.(?:pyw?|pyc|so|pyd|pth)$|^(?:\.?pytest\.(?:ini|toml)|pyproject\.toml|tox\.ini|setup\.cfg)$/i;

const NOT_CODE = new Set([".git", ".trainyard", ...FILLED_BY_PROGRAMS]);

/** What test files and the code around them hold now: what a person lets run is exactly this. */
export async function readTests(ports: EvidencePorts, files: readonly string[]): Promise<TestContents> {
  const hashes = files.map(async (file) => [file, await hashTest(ports, file)] as const);
  return { files: Object.fromEntries(await Promise.all(hashes)), code: await hashCode(ports.workspaceFolder) };
}

/** What does not hold any more what the person let run: of the files, and of the folders around them. */
export async function changedTests(
  ports: EvidencePorts,
  allowed: AllowedTests,
  files: readonly string[],
): Promise<{ files: string[]; code: string[] }> {
  const held = await readTests(ports, files);
  return {
    files: files.filter((file) => held.files[file] !== allowed.files[file]),
    code: differingNames(allowed.code ?? {}, held.code),
  };
}

/** A file that cannot be run has a hash as well, which changes once it can. */
async function hashTest(ports: EvidencePorts, path: string): Promise<string> {
  try {
    const { file, isFile } = await locateFile(ports, path);
    return isFile ? await unlessGone(async () => (await hashFile(file)) ?? MISSING_DOCUMENT) : MISSING_DOCUMENT;
  } catch (error) {
    if (error instanceof UserError) {
      return MISSING_DOCUMENT;
    }
    throw error;
  }
}

/**
 * A hash of the code in each folder of the workspace, `.` for the outermost. Links are not followed: one counts by where it
 * leads. Throws a UserError where there are more files than can be looked at.
 */
async function hashCode(workspaceFolder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const folders = [""];
  let count = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await listFolder(join(workspaceFolder, folder));
    if (folder !== "" && entries.some(({ name }) => MARKS_OF_ENVIRONMENTS.includes(name))) {
      continue;
    }
    const code = entries.filter((entry) => !entry.isDirectory() && (entry.isSymbolicLink() || CODE.test(entry.name)));
    count += code.length;
    if (count > MAX_CODE_FILES) {
      throw new UserError(
        `${workspaceFolder} holds more than ${MAX_CODE_FILES} files of code, so it cannot be told whether what tests import has changed. Open the folder of the project itself.`,
      );
    }
    if (code.length > 0) {
      const lines = await Promise.all(code.map((entry) => describeCode(join(workspaceFolder, folder), entry)));
      hashes[folder === "" ? "." : folder] = hashText(lines.toSorted().join("\n"));
    }
    const inner = entries.filter((entry) => entry.isDirectory() && !NOT_CODE.has(entry.name));
    folders.push(...inner.map(({ name }) => (folder === "" ? name : `${folder}/${name}`)));
  }
  return hashes;
}

/** Its name with what it holds, or with where it leads. */
async function describeCode(folder: string, entry: Dirent): Promise<string> {
  const path = join(folder, entry.name);
  const held = await unlessGone(async () => {
    const target = entry.isSymbolicLink() ? `to ${await readlink(path)} ` : "";
    const isSource = CODE.test(entry.name);
    return `${target}${isSource ? ((await hashFile(path)) ?? MISSING_DOCUMENT) : ""}`;
  });
  return JSON.stringify([entry.name, held]);
}

async function unlessGone(look: () => Promise<string>): Promise<string> {
  try {
    return await look();
  } catch (error) {
    if (["ENOENT", "EACCES", "EPERM", "ELOOP", "EISDIR"].includes(errorCode(error) ?? "")) {
      return MISSING_DOCUMENT;
    }
    throw error;
  }
}
