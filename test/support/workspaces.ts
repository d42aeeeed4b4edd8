import { copyFile, mkdir, mkdtemp, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { exists } from "../../scripts/host/profile.mjs";
import { sampleFolder } from "../../scripts/paths.mjs";

/** What belongs to the sample: nothing that a person left in it shall be seen by a test. */
export const SAMPLE_FILES = [
  ".gitignore",
  "README.md",
  "evaluate.py",
  "export.py",
  "flow.py",
  "requirements.txt",
  "train.py",
] as const;

/** A new folder below the system's folder for temporary files. The path has no link in it. */
export async function makeScratchFolder(name: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `trainyard-${name}-`)));
}

/** A fresh copy of `examples/digits` that shares its Python environment. */
export async function copySample(into: string, from = sampleFolder): Promise<string> {
  const folder = join(into, "digits");
  await mkdir(folder, { recursive: true });
  await Promise.all(SAMPLE_FILES.map((name) => copyFile(join(from, name), join(folder, name))));
  await linkSamplePython(folder);
  return folder;
}

/** Gives a folder the Python environment of the sample, PyTorch included. */
export async function linkSamplePython(folder: string): Promise<void> {
  const environment = join(sampleFolder, ".venv");
  if (await exists(environment)) {
    await symlink(environment, join(folder, ".venv"), "junction");
  }
}

/** A workspace of the given files, path → text. */
export async function writeWorkspace(into: string, files: Record<string, string>): Promise<string> {
  const folder = join(into, "workspace");
  await mkdir(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
