import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, sep } from "node:path";
import * as z from "zod/mini";
import {
  chooseInterpreter,
  type InterpreterCandidate,
  interpreterCandidates,
} from "../../core/training/interpreterChoice.ts";
import type { InterpreterProbe } from "../../core/training/moduleCheck.ts";

/** A cold conda environment on a network disk takes its time. */
const PROBE_TIMEOUT_MS = 10_000;

export type InterpreterRequest = {
  workspaceFolder: string;
  scriptFolder: string;
  environment: NodeJS.ProcessEnv;
  configured?: string | undefined;
  active?: string | undefined;
};

/** The Python that will run the script. Throws UserError where none is found or the one asked for is missing. */
export function findInterpreter(request: InterpreterRequest): InterpreterCandidate {
  const candidates = interpreterCandidates({
    ...request,
    platform: process.platform === "win32" ? "win32" : "posix",
    folders: foldersUpTo(request.scriptFolder, request.workspaceFolder),
  });
  return chooseInterpreter(candidates, isFile, request.workspaceFolder);
}

/** A folder and its parents up to the workspace folder; a script outside of it brings only its own folder. */
export function foldersUpTo(folder: string, workspaceFolder: string): string[] {
  const folders = [folder];
  let current = folder;
  while (current !== workspaceFolder && current.startsWith(workspaceFolder + sep)) {
    current = dirname(current);
    folders.push(current);
  }
  return current === workspaceFolder ? folders : [folder, workspaceFolder];
}

/**
 * Runs isolated (`-I`): neither the workspace nor PYTHONPATH can put a module in its way, and `find_spec` of a
 * top-level name only looks for files. What a normal start would add to the path is looked at by hand.
 */
const PROBE = `
import importlib.metadata, importlib.util, json, os, site, sys
if sys.prefix == sys.base_prefix:
    sys.path.append(site.getusersitepackages())
sys.path += [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(path)]
def is_missing(name):
    try:
        return importlib.util.find_spec(name) is None
    except (ImportError, ValueError):
        return True
try:
    torch = importlib.metadata.version("torch")
except importlib.metadata.PackageNotFoundError:
    torch = None
print(json.dumps({
    "version": ".".join(map(str, sys.version_info[:3])),
    "executable": sys.executable or None,
    "missing": [name for name in sys.argv[1:] if is_missing(name)],
    "torch": torch,
}))
`;

/** Asks an interpreter for its version and for the modules it cannot find; a broken one is a sentence, not an error. */
export async function probeInterpreter(
  path: string,
  modules: readonly string[],
  options: { environment: NodeJS.ProcessEnv; signal?: AbortSignal | undefined; timeoutMs?: number },
): Promise<InterpreterProbe | { problem: string }> {
  const { environment, signal, timeoutMs = PROBE_TIMEOUT_MS } = options;
  const answer = await new Promise<{ output: string } | { error: Error; said: string }>((resolve) => {
    execFile(
      path,
      ["-I", "-c", PROBE, ...modules],
      { env: environment, timeout: timeoutMs, killSignal: "SIGKILL", windowsHide: true, ...(signal ? { signal } : {}) },
      (error, stdout, stderr) => resolve(error ? { error, said: stderr } : { output: stdout }),
    );
  });
  signal?.throwIfAborted();
  if ("error" in answer) {
    const last = answer.said.trim().split("\n").at(-1) ?? "";
    const reason = last === "" ? "it does not answer" : last;
    return { problem: `\`${path}\` does not start (${reason}). Select another Python with \`trainyard.pythonPath\`.` };
  }
  return readProbe(answer.output, path);
}

const answerSchema = z.object({
  version: z.string(),
  executable: z.nullish(z.string()),
  missing: z.array(z.string()),
  torch: z.nullable(z.string()),
});

function readProbe(output: string, path: string): InterpreterProbe | { problem: string } {
  try {
    const { version, executable, missing, torch } = answerSchema.parse(JSON.parse(output));
    const own = executable ? { executable } : {};
    return { version, ...own, missing, ...(torch === null ? {} : { torchVersion: torch }) };
  } catch {
    return { problem: `\`${path}\` did not answer like a Python. Select another one with \`trainyard.pythonPath\`.` };
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
