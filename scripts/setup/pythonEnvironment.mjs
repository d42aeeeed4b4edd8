import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { exists } from "../host/profile.mjs";
import { findOnPath } from "../host/programs.mjs";
import { installWithApt, runLogged } from "./command.mjs";
import { replaceFolder } from "./replaceFolder.mjs";
import { hashFiles, SetUpError } from "./step.mjs";

const PYTHON_NAMES = ["python3", "python"];
const OLDEST_PYTHON = [3, 10];

/**
 * A virtual environment with the packages of a requirements file.
 * @param {{ name: string, title: string, hint: string, folder: string, requirements: string }} wanted
 * @returns {import("./step.mjs").Step}
 */
export function pythonEnvironment({ name, title, hint, folder, requirements }) {
  const python = pythonOf(folder);
  return {
    name,
    title,
    hint,
    isPresent: () => exists(python),
    fingerprint: async () => `${folder} ${await hashFiles([requirements])} ${pythonVersion(python)}`,
    perform: (log) =>
      replaceFolder(folder, async () => {
        await createEnvironment(log, folder);
        const pip = /** @type {const} */ ([python, "-m", "pip", "--disable-pip-version-check", "--no-input"]);
        await runLogged(log, [...pip, "install", "--progress-bar", "off", "-r", requirements]);
      }),
  };
}

/**
 * The interpreter of a virtual environment.
 * @param {string} folder
 */
export function pythonOf(folder) {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

/**
 * @param {import("./step.mjs").Log} log
 * @param {string} folder
 */
async function createEnvironment(log, folder) {
  const python = await findPython(log);
  // Debian ships Python without the module that puts pip into an environment.
  if (!runs(python, ["-c", "import venv, ensurepip"])) {
    await installWithApt(log, "Python's venv module", ["python3-venv"]);
  }
  await runLogged(log, [python, "-m", "venv", folder]);
}

/** @param {import("./step.mjs").Log} log */
async function findPython(log) {
  if (findOnPath(PYTHON_NAMES) === undefined) {
    await installWithApt(log, "Python 3", ["python3", "python3-venv"]);
  }
  const python = findOnPath(PYTHON_NAMES);
  const [major = 0, minor = 0] = pythonVersion(python ?? "")
    .split(".")
    .map(Number);
  const [oldestMajor = 3, oldestMinor = 0] = OLDEST_PYTHON;
  if (python === undefined || major !== oldestMajor || minor < oldestMinor) {
    throw new SetUpError(
      `Python ${OLDEST_PYTHON.join(".")} or newer is needed, found ${pythonVersion(python ?? "") || "none"}. Install a newer Python 3 and put it first on PATH.`,
    );
  }
  return python;
}

/** @param {string} python */
function pythonVersion(python) {
  try {
    return execFileSync(python, ["-c", "import platform; print(platform.python_version())"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "";
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 */
function runs(program, parameters) {
  try {
    execFileSync(program, parameters, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
