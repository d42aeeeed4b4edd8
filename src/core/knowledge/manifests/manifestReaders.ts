import type { PythonParser } from "../../base/pythonSyntax.ts";
import { isCondaEnvironment, readCondaEnvironment } from "./condaEnvironment.ts";
import { isDockerfile, readDockerfile } from "./dockerfile.ts";
import { isEditorTasks, readEditorTasks } from "./editorTasks.ts";
import { isPythonVersionFile, readPythonVersionFile } from "./installed.ts";
import { isCondaLock, isPipfileLock, isTomlLock, readCondaLock, readPipfileLock, readTomlLock } from "./lockFiles.ts";
import { isMakefile, readMakefile } from "./makefile.ts";
import { isNoxfile, readNoxfile } from "./noxfile.ts";
import { isPipfile, readPipfile } from "./pipfile.ts";
import { isPixiToml, readPixiToml } from "./pixiToml.ts";
import { isPyproject, readPyproject } from "./pyproject.ts";
import type { Reading, TextFile } from "./reading.ts";
import { isRequirementsFile, readRequirementsTxt } from "./requirementsTxt.ts";
import { isSetupCfg, readSetupCfg } from "./setupCfg.ts";
import { isSetupPy, readSetupPy } from "./setupPy.ts";
import { isShellScript, readShellScript } from "./shellScript.ts";
import { isToxIni, readToxIni } from "./toxIni.ts";
import { isTrainingConfig, readTrainingConfig } from "./trainingConfig.ts";

/** A kind of file and what it tells; the first that matches reads the file. */
export type ManifestReader = {
  matches(path: string): boolean;
  /** A larger file was generated or is data, and is left out with a problem. */
  maxBytes: number;
} & (
  | { needsPython?: false; read(file: TextFile): Reading }
  | { needsPython: true; read(file: TextFile, parser: PythonParser): Reading }
);

const SOURCE_BYTES = 1_000_000;
const LOCK_BYTES = 32_000_000;

const MANIFEST_READERS: readonly ManifestReader[] = [
  { matches: isRequirementsFile, read: readRequirementsTxt, maxBytes: SOURCE_BYTES },
  { matches: isPyproject, read: readPyproject, maxBytes: SOURCE_BYTES },
  { matches: isTomlLock, read: readTomlLock, maxBytes: LOCK_BYTES },
  { matches: isPipfileLock, read: readPipfileLock, maxBytes: LOCK_BYTES },
  { matches: isCondaLock, read: readCondaLock, maxBytes: LOCK_BYTES },
  { matches: isSetupCfg, read: readSetupCfg, maxBytes: SOURCE_BYTES },
  { matches: isSetupPy, read: readSetupPy, maxBytes: SOURCE_BYTES, needsPython: true },
  { matches: isCondaEnvironment, read: readCondaEnvironment, maxBytes: SOURCE_BYTES },
  { matches: isPipfile, read: readPipfile, maxBytes: SOURCE_BYTES },
  { matches: isPixiToml, read: readPixiToml, maxBytes: SOURCE_BYTES },
  { matches: isPythonVersionFile, read: readPythonVersionFile, maxBytes: 10_000 },
  { matches: isDockerfile, read: readDockerfile, maxBytes: SOURCE_BYTES },
  { matches: isMakefile, read: readMakefile, maxBytes: SOURCE_BYTES },
  { matches: isToxIni, read: readToxIni, maxBytes: SOURCE_BYTES },
  { matches: isNoxfile, read: readNoxfile, maxBytes: SOURCE_BYTES, needsPython: true },
  { matches: isShellScript, read: readShellScript, maxBytes: 200_000 },
  { matches: isEditorTasks, read: readEditorTasks, maxBytes: SOURCE_BYTES },
];

/** Read like a manifest, but a larger one is data and no problem. */
export const CONFIG_READER: ManifestReader = { matches: isTrainingConfig, read: readTrainingConfig, maxBytes: 64_000 };

export function manifestReaderOf(path: string): ManifestReader | undefined {
  return MANIFEST_READERS.find((reader) => reader.matches(path));
}
