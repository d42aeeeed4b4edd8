import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { requireFlowName } from "../../core/metaflow/flowName.ts";
import type { FlowRequest, FlowScaffolder, PlannedFlow, WrittenFlow } from "../../core/metaflow/flowScaffold.ts";
import { flowTemplates } from "../../core/metaflow/flowTemplate.ts";
import { renderFlow } from "../../core/metaflow/renderFlow.ts";
import { planUnderFreeName } from "../base/freeName.ts";
import { requireHeldOutData } from "../base/heldOutData.ts";
import { resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { writeNewFile } from "../base/writeNewFile.ts";

export type FlowFolders = {
  workspaceFolder: string;
  /** The shipped `templates` folder. */
  templatesFolder: string;
};

/** Where flows are looked for by convention, in this order. */
const CONVENTIONAL_FOLDERS = ["flows", "workflows"];

/** Plans and writes new flows below one workspace folder. */
export function createFlowScaffolder(folders: FlowFolders): FlowScaffolder {
  return {
    plan: (request) => planFlow(folders, request),
    write: (flow) => writeFlow(folders, flow),
  };
}

async function planFlow(folders: FlowFolders, request: FlowRequest): Promise<PlannedFlow> {
  const template = flowTemplates[request.template];
  const name = requireFlowName(request.name);
  const folder = await resolveInsideWorkspace(
    folders.workspaceFolder,
    request.folder ?? (await conventionalFolder(folders.workspaceFolder)),
  );
  const path = join(folder, `${name.moduleName}.py`);
  const templateText = await readFile(join(folders.templatesFolder, `${template.moduleName}.py`), "utf8");
  return {
    template: request.template,
    name,
    path,
    relativePath: workspaceRelative(folders.workspaceFolder, path),
    text: renderFlow(template, templateText, name),
  };
}

async function writeFlow(folders: FlowFolders, flow: PlannedFlow): Promise<WrittenFlow> {
  await requireHeldOutData(flow.text, flow.relativePath);
  const outcome = await writeNewFile(flow.path, flow.text);
  return outcome === "written"
    ? { kind: "written", flow }
    : { kind: "exists", flow, alternative: await planAlternative(folders, flow) };
}

/** The same flow under a number. Its class gets the number too, since Metaflow keeps runs by class name. */
async function planAlternative(folders: FlowFolders, flow: PlannedFlow): Promise<PlannedFlow> {
  const { template } = flow;
  const folder = dirname(flow.path);
  return await planUnderFreeName((number) =>
    planFlow(folders, { template, name: `${flow.name.title} ${number}`, folder }),
  );
}

async function conventionalFolder(workspaceFolder: string): Promise<string> {
  for (const name of CONVENTIONAL_FOLDERS) {
    const found = await stat(join(workspaceFolder, name)).catch(() => undefined);
    if (found?.isDirectory() === true) {
      return name;
    }
  }
  return ".";
}
