import { UserError } from "../base/errors.ts";

/** A place where a Python could be, in the order of preference, with the reason a person would give. */
export type InterpreterCandidate = {
  path: string;
  /** "`.venv` beside the script". */
  reason: string;
  /** A setting: when it is missing, nothing else is tried in its place. */
  isExplicit: boolean;
};

export type InterpreterSources = {
  platform: "win32" | "posix";
  workspaceFolder: string;
  /** The folder of the script first, then its parents up to the workspace folder. */
  folders: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  /** The setting `trainyard.pythonPath`. */
  configured?: string | undefined;
  /** What the Python extension has selected for the workspace. */
  active?: string | undefined;
};

/** Whether a program is a Python by its name; a command may start with a launcher, a shell or make. */
export function isPythonProgram(path: string): boolean {
  return /(?:^|[/\\])python[\d.]*(?:\.exe)?$/i.test(path);
}

/** Whether a path names a shell, a script of one or make: they only start other programs, and may go on when one of those fails. */
export function isShellProgram(path: string): boolean {
  return /(?:^|[\\/])(?:(?:ba|z|da|k|fi)?sh|make|[^\\/\s]+\.(?:sh|bash|zsh))$/.test(path);
}

const ENVIRONMENT_FOLDERS = [".venv", "venv", "env"];

/** Every place to look, best first; whether something is there is for the caller to find out. */
export function interpreterCandidates(sources: InterpreterSources): InterpreterCandidate[] {
  const { environment, folders, platform, workspaceFolder } = sources;
  const explicit = sources.configured
    ? [
        {
          path: resolveSetting(sources.configured, workspaceFolder, platform),
          reason: "setting `trainyard.pythonPath`",
          isExplicit: true,
        },
      ]
    : [];
  const selected = sources.active
    ? [{ path: sources.active, reason: "selected in the Python extension", isExplicit: false }]
    : [];
  const beside = folders.flatMap((folder, distance) =>
    ENVIRONMENT_FOLDERS.map((name) => ({
      path: pythonIn(join(platform, folder, name), platform),
      reason: `\`${name}\` ${placeOf(folder, distance, workspaceFolder)}`,
      isExplicit: false,
    })),
  );
  const activated = ["VIRTUAL_ENV", "CONDA_PREFIX"].flatMap((name) => {
    const prefix = environment[name];
    const path =
      prefix &&
      (name === "CONDA_PREFIX" && platform === "win32" ? `${prefix}\\python.exe` : pythonIn(prefix, platform));
    return path ? [{ path, reason: `active environment (\`${name}\`)`, isExplicit: false }] : [];
  });
  return [...explicit, ...selected, ...beside, ...activated, ...onPath(environment, platform)];
}

/**
 * The first candidate that exists. Throws UserError where an explicit one is missing, since training with
 * another Python than the one asked for helps nobody, and where there is none at all.
 */
export function chooseInterpreter(
  candidates: readonly InterpreterCandidate[],
  exists: (path: string) => boolean,
  workspaceFolder: string,
): InterpreterCandidate {
  for (const candidate of candidates) {
    if (exists(candidate.path)) {
      return candidate;
    }
    if (candidate.isExplicit) {
      throw new UserError(
        `There is no Python at \`${candidate.path}\` (${candidate.reason}). Correct the path, or clear it to let Trainyard look for one.`,
      );
    }
  }
  throw new UserError(
    `No Python was found in \`${workspaceFolder}\` or on PATH. Set \`trainyard.pythonPath\`, or create \`.venv\` with \`python3 -m venv .venv\`.`,
  );
}

/** The interpreter inside a virtual or conda environment. */
function pythonIn(environmentFolder: string, platform: InterpreterSources["platform"]): string {
  return platform === "win32" ? `${environmentFolder}\\Scripts\\python.exe` : `${environmentFolder}/bin/python`;
}

/** A setting may name an environment by a path relative to the workspace folder; a bare `python3.12` is left to PATH. */
function resolveSetting(path: string, workspaceFolder: string, platform: InterpreterSources["platform"]): string {
  const expanded = path.replaceAll("${workspaceFolder}", workspaceFolder);
  const isAbsolute = platform === "win32" ? /^(?:[A-Za-z]:)?[\\/]/.test(expanded) : expanded.startsWith("/");
  return isAbsolute ? expanded : join(platform, workspaceFolder, expanded.replace(/^\.[\\/]/, ""));
}

function onPath(
  environment: InterpreterSources["environment"],
  platform: InterpreterSources["platform"],
): InterpreterCandidate[] {
  const path = environment["PATH"] ?? environment["Path"] ?? "";
  const names = platform === "win32" ? ["python.exe", "python3.exe"] : ["python3", "python"];
  const folders = path.split(platform === "win32" ? ";" : ":").filter((folder) => folder !== "");
  // The Store aliases of Windows exist, do nothing but open the Store, and would win.
  const usable = folders.filter((folder) => !/\\Microsoft\\WindowsApps\\?$/i.test(folder));
  return names.flatMap((name) =>
    usable.map((folder) => ({
      path: join(platform, folder, name),
      reason: `\`${name.replace(/\.exe$/, "")}\` on PATH`,
      isExplicit: false,
    })),
  );
}

function placeOf(folder: string, distance: number, workspaceFolder: string): string {
  if (distance === 0) {
    return "beside the script";
  }
  return folder === workspaceFolder ? "in the workspace folder" : `in \`${folder}\``;
}

function join(platform: InterpreterSources["platform"], folder: string, name: string): string {
  const separator = platform === "win32" ? "\\" : "/";
  return `${folder.replace(/[\\/]+$/, "")}${separator}${name}`;
}
