import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const scripts = fileURLToPath(new URL("../fixtures/scripts", import.meta.url));

export type ScriptWorkspace = AsyncDisposable & { folder: string; write(path: string, text: string): Promise<string> };

/** A copy of one fixture in a temporary folder, so that tests may add to it. */
export async function scriptWorkspace(fixture?: string): Promise<ScriptWorkspace> {
  // macOS hands out a link; tools that resolve it would print another path.
  const folder = await realpath(await mkdtemp(join(tmpdir(), "workspace-")));
  if (fixture !== undefined) {
    await cp(join(scripts, fixture), folder, { recursive: true });
  }
  return {
    folder,
    async write(path, text) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text);
      return target;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A virtual environment without packages: a link to the Python on PATH and the file that makes it one. */
export async function addVirtualEnvironment(folder: string): Promise<string> {
  const python = execFileSync("python3", ["-c", "import os, sys; print(os.path.realpath(sys.executable))"], {
    encoding: "utf8",
  }).trim();
  await mkdir(join(folder, "bin"), { recursive: true });
  await symlink(python, join(folder, "bin/python"));
  await writeFile(join(folder, "pyvenv.cfg"), `home = ${dirname(python)}\ninclude-system-site-packages = false\n`);
  return join(folder, "bin/python");
}
