import { cp, mkdir, mkdtemp, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { exists } from "../../scripts/host/profile.mjs";
import { sampleFolder } from "../../scripts/paths.mjs";

/** What the sample's own use leaves behind; a copy starts without it. */
const LEFT_OUT = new Set([".venv", ".trainyard", ".metaflow", "checkpoints", "logs", "__pycache__"]);

/** A new folder below the system's folder for temporary files. The path has no link in it. */
export async function makeScratchFolder(name: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `trainyard-${name}-`)));
}

/** A fresh copy of `examples/digits` that shares its Python environment. */
export async function copySample(into: string): Promise<string> {
  const folder = join(into, "digits");
  await mkdir(folder, { recursive: true });
  if (await exists(sampleFolder)) {
    await cp(sampleFolder, folder, { recursive: true, filter: (source) => !LEFT_OUT.has(basename(source)) });
  }
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
