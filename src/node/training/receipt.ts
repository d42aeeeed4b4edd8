import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import * as z from "zod";
import { isLeftToProgram } from "../../core/training/gpuChoice.ts";
import { isPythonProgram } from "../../core/training/interpreterChoice.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { newFilePatch } from "../../core/training/newFilePatch.ts";
import type { Fingerprint, Receipt, TakenReceipt } from "../../core/training/receiptSchema.ts";
import { askProgram } from "../base/askProgram.ts";
import { passOverFileErrors } from "../base/fileErrors.ts";
import { takeFingerprint } from "./fingerprint.ts";
import { NEW_CODE_FILE, PATCH_ENCODING, PATCH_FILE } from "./runFolder.ts";

/** A shell that expands a pattern may put thousands of files among the arguments. */
const MAX_FILES = 50;
/** A larger difference holds generated data; its hash is kept alone. */
const MAX_PATCH_CHARACTERS = 4 * 1024 * 1024;
/** Of one file of Python. */
const MAX_CODE_BYTES = 512 * 1024;

/** What is worth knowing later about where and from what a run was started. */
export async function collectReceipt(
  folder: string,
  trainyardVersion: string,
  plan?: Pick<LaunchPlan, "command" | "cwd" | "script" | "arguments" | "interpreter" | "device">,
): Promise<TakenReceipt> {
  const common = await collectCommon(folder, trainyardVersion, plan);
  return plan === undefined ? common : { ...common, ...(await collectFiles(plan)) };
}

/** The receipts of runs that are started together, with one interpreter and on devices of one kind. */
export async function collectReceipts(
  folder: string,
  trainyardVersion: string,
  plans: readonly LaunchPlan[],
): Promise<TakenReceipt[]> {
  const common = await collectCommon(folder, trainyardVersion, plans[0]);
  return Promise.all(plans.map(async (plan) => ({ ...common, ...(await collectFiles(plan)) })));
}

async function collectCommon(
  folder: string,
  trainyardVersion: string,
  plan: Pick<LaunchPlan, "interpreter" | "device"> | undefined,
): Promise<TakenReceipt> {
  const [changes, packages, driver] = await Promise.all([
    collectGit(folder),
    plan === undefined ? undefined : collectPackages(plan.interpreter.path),
    plan !== undefined && (plan.device.kind === "cuda" || isLeftToProgram(plan.device)) ? askDriver() : undefined,
  ]);
  return {
    ...changes,
    host: hostname(),
    platform: `${process.platform}-${process.arch}`,
    trainyardVersion,
    ...(packages === undefined ? {} : { packages }),
    ...(driver === undefined ? {} : { driver }),
  };
}

/** One for all GPUs of a machine, told once for each. */
async function askDriver(): Promise<string | undefined> {
  const answer = await askProgram("nvidia-smi", ["--query-gpu=driver_version", "--format=csv,noheader"]);
  return /^\d[\d.]*$/m.exec(answer ?? "")?.[0];
}

/** Whatever the person's own settings are, `git apply` takes it. */
const AS_PATCH = [
  "diff",
  "--binary",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--no-relative",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

async function collectGit(folder: string): Promise<Pick<TakenReceipt, "git" | "patch" | "newCode">> {
  const [commit, changes, difference, newCode] = await Promise.all([
    // A lock taken only to refresh the index could collide with what the person does.
    askProgram("git", ["--no-optional-locks", "rev-parse", "HEAD"], folder),
    askProgram("git", ["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"], folder),
    // Byte for byte: a source need not be UTF-8.
    askProgram("git", ["--no-optional-locks", ...AS_PATCH, "HEAD"], folder, { encoding: PATCH_ENCODING }),
    takeNewCode(folder),
  ]);
  if (commit === undefined || changes === undefined) {
    return {};
  }
  const isDirty = changes.trim() !== "";
  const diff = isDirty && difference !== undefined ? keepPatch(difference) : {};
  return {
    git: {
      commit: commit.trim(),
      isDirty,
      ...(isDirty && difference !== undefined ? { diffHash: hashOf(difference) } : {}),
      ...(diff.patch === undefined ? {} : { diffFile: PATCH_FILE }),
      ...(newCode === undefined ? {} : { newCodeFile: NEW_CODE_FILE }),
    },
    ...diff,
    ...(newCode === undefined ? {} : { newCode }),
  };
}

function hashOf(patch: string): string {
  return createHash("sha256").update(patch, PATCH_ENCODING).digest("hex").slice(0, 16);
}

function keepPatch(patch: string): { patch?: string } {
  return patch.length > MAX_PATCH_CHARACTERS ? {} : { patch };
}

/** The Python files that git does not know yet, as a patch: without them the run cannot be made again. */
async function takeNewCode(folder: string): Promise<string | undefined> {
  const [paths, prefix] = await Promise.all([
    findNewCode(folder, ["*.py"]),
    askProgram("git", ["--no-optional-locks", "rev-parse", "--show-prefix"], folder),
  ]);
  if (paths.length === 0 || paths.length > MAX_FILES || prefix === undefined) {
    return undefined;
  }
  const patches: string[] = [];
  for (const path of paths) {
    const name = Buffer.from(prefix.trimEnd() + relative(folder, path).replaceAll(sep, "/")).toString(PATCH_ENCODING);
    const text = await readSmall(path);
    patches.push((text === undefined ? undefined : newFilePatch(name, text)) ?? "");
  }
  const patch = patches.join("");
  return patch === "" ? undefined : keepPatch(patch).patch;
}

/** What is larger was written by a program. */
async function readSmall(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).size > MAX_CODE_BYTES ? undefined : await readFile(path, PATCH_ENCODING);
  } catch (error) {
    passOverFileErrors(error);
    return undefined;
  }
}

/** What a run may import or read as its configuration although git does not know it yet. */
const NEW_CODE = ["*.py", "*.ipynb", "*.yaml", "*.yml", "*.json", "*.toml", "*.cfg", "*.sh"];

async function findNewCode(folder: string, patterns: readonly string[] = NEW_CODE): Promise<string[]> {
  const listed = await askProgram(
    "git",
    ["--no-optional-locks", "ls-files", "--others", "--exclude-standard", "-z", "--", ...patterns],
    folder,
  );
  const names = (listed ?? "").split("\0").filter((name) => name !== "");
  return names.map((name) => join(folder, name));
}

/** Isolated, so that nothing of the workspace can put itself in the way. */
const LIST_PACKAGES = `
import importlib.metadata, json
print(json.dumps({d.metadata["Name"]: d.version for d in importlib.metadata.distributions() if d.metadata["Name"]}))
`;

const packagesSchema = z.record(z.string(), z.string());

async function collectPackages(interpreter: string): Promise<Receipt["packages"]> {
  if (!isPythonProgram(interpreter)) {
    return undefined;
  }
  const output = await askProgram(interpreter, ["-I", "-c", LIST_PACKAGES]);
  const line = output?.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) {
    return undefined;
  }
  const packages = packagesSchema.safeParse(JSON.parse(line)).data;
  return packages && Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const LOCK_FILES = [
  "uv.lock",
  "poetry.lock",
  "pdm.lock",
  "pixi.lock",
  "Pipfile.lock",
  "requirements.txt",
  "environment.yml",
];
const CONFIG_FILE = /\.(?:ya?ml|json|toml|ini|cfg|gin)$/i;
const DATA_FLAG =
  /(?:^|[-_.])(?:data|dataset|data[-_]?(?:dir|path|root|file|folder)|train[-_]?(?:file|data|path|dir)|corpus|csv)$/i;

async function collectFiles(
  plan: Pick<LaunchPlan, "command" | "cwd" | "script" | "arguments">,
): Promise<Pick<Receipt, "files" | "data">> {
  const inFolder = (path: string) => resolve(plan.cwd, path);
  const configs = plan.command
    .slice(1)
    .map((word) => word.replace(/^-[^=]*=/, ""))
    .filter((word) => CONFIG_FILE.test(word));
  const dataPaths = plan.arguments.filter(({ flag }) => DATA_FLAG.test(flag)).map(({ value }) => value);
  const locks = LOCK_FILES.map((name) => join(plan.cwd, name));
  const newCode = await findNewCode(plan.cwd);
  const [files, data] = await Promise.all([
    fingerprints([plan.script, ...configs.map(inFolder), ...locks, ...newCode], plan.cwd),
    fingerprints(dataPaths.filter((path) => path !== undefined).map(inFolder), plan.cwd),
  ]);
  return { ...(files.length > 0 ? { files } : {}), ...(data.length > 0 ? { data } : {}) };
}

async function fingerprints(paths: readonly string[], base: string): Promise<Fingerprint[]> {
  const unique = [...new Set(paths)].slice(0, MAX_FILES);
  const taken = await Promise.all(unique.map((path) => takeFingerprint(path, base).catch(() => undefined)));
  return taken.filter((one) => one !== undefined);
}
