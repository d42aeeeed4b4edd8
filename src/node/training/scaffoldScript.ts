import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { requireScriptName } from "../../core/training/scriptName.ts";
import {
  type PlannedScript,
  renderTrainingScript,
  type ScriptRequest,
  type ScriptScaffolder,
  TRAINING_SCRIPT_FILE,
  type WrittenScript,
} from "../../core/training/trainingScriptTemplate.ts";
import { planUnderFreeName } from "../base/freeName.ts";
import { requireHeldOutData } from "../base/heldOutData.ts";
import { resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { writeNewFile } from "../base/writeNewFile.ts";

export type ScriptFolders = {
  workspaceFolder: string;
  /** The shipped sample, `examples/digits`. */
  sampleFolder: string;
};

/** Plans and writes new training scripts below one workspace folder. */
export function createScriptScaffolder(folders: ScriptFolders): ScriptScaffolder {
  return {
    plan: (request) => planScript(folders, request),
    write: (script) => writeScript(folders, script),
  };
}

async function planScript(folders: ScriptFolders, request: ScriptRequest): Promise<PlannedScript> {
  const moduleName = requireScriptName(request.name);
  const folder = await resolveInsideWorkspace(folders.workspaceFolder, request.folder ?? ".");
  const path = join(folder, `${moduleName}.py`);
  const templateText = await readFile(join(folders.sampleFolder, TRAINING_SCRIPT_FILE), "utf8");
  return {
    moduleName,
    path,
    relativePath: workspaceRelative(folders.workspaceFolder, path),
    text: renderTrainingScript(templateText, moduleName),
  };
}

async function writeScript(folders: ScriptFolders, script: PlannedScript): Promise<WrittenScript> {
  await requireHeldOutData(script.text, script.relativePath);
  const outcome = await writeNewFile(script.path, script.text);
  return outcome === "written"
    ? { kind: "written", script }
    : { kind: "exists", script, alternative: await planAlternative(folders, script) };
}

function planAlternative(folders: ScriptFolders, script: PlannedScript): Promise<PlannedScript> {
  const folder = dirname(script.path);
  return planUnderFreeName((number) => planScript(folders, { name: `${script.moduleName}_${number}`, folder }));
}
