import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { exists } from "../host/profile.mjs";
import { findOnPath } from "../host/programs.mjs";
import { installWithApt, runLogged } from "./command.mjs";
import { replaceFolder } from "./replaceFolder.mjs";
import { hashFiles, SetUpError } from "./step.mjs";

/** Where `python3` is too old, as on Ubuntu 22.04, a newer one may stand beside it. */
const PYTHON_NAMES = ["python3", "python", "python3.13", "python3.12", "python3.11"];
/** The oldest that the pinned packages run on. */
const OLDEST_MINOR = 11;

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
  const found = PYTHON_NAMES.map((name) => findOnPath([name])).filter((path) => path !== undefined);
  const python = found.find(isNewEnough);
  if (python === undefined) {
    const version = found.map(pythonVersion).find((text) => text !== "") ?? "none";
    throw new SetUpError(
      `Python 3.${OLDEST_MINOR} or newer is needed, found ${version}. Install a newer Python 3 and put it on PATH.`,
    );
  }
  return python;
}

/** @param {string} python */
function isNewEnough(python) {
  const [major = 0, minor = 0] = pythonVersion(python).split(".").map(Number);
  return major === 3 && minor >= OLDEST_MINOR;
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
