import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FlowName } from "../../core/metaflow/flowName.ts";
import { requireFlowName } from "../../core/metaflow/flowName.ts";
import type { FlowOutline } from "../../core/metaflow/flowOutline.ts";
import type {
  FlowOrigin,
  FlowRequest,
  FlowScaffolder,
  PlannedFlow,
  WrittenFlow,
} from "../../core/metaflow/flowScaffold.ts";
import { flowTemplates } from "../../core/metaflow/flowTemplate.ts";
import { renderFlow } from "../../core/metaflow/renderFlow.ts";
import { requireSoundSpec } from "../../core/metaflow/spec/requireSoundSpec.ts";
import { planUnderFreeName } from "../base/freeName.ts";
import { requireHeldOutData } from "../base/heldOutData.ts";
import { resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { writeNewFile } from "../base/writeNewFile.ts";
import { inspectFlowText, outlineFlowText } from "./inspectFlow.ts";

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
  const name = requireFlowName(request.name);
  const folder = await resolveInsideWorkspace(
    folders.workspaceFolder,
    request.folder ?? (await conventionalFolder(folders.workspaceFolder)),
  );
  const path = join(folder, `${name.moduleName}.py`);
  const text = await flowText(folders, request.origin, name);
  return {
    origin: request.origin,
    name,
    path,
    relativePath: workspaceRelative(folders.workspaceFolder, path),
    text,
    outline: await outlineOf(text, path),
  };
}

async function flowText({ templatesFolder }: FlowFolders, origin: FlowOrigin, name: FlowName): Promise<string> {
  if (origin.kind === "template") {
    const template = flowTemplates[origin.template];
    const text = await readFile(join(templatesFolder, `${template.moduleName}.py`), "utf8");
    return renderFlow(template, text, name);
  }
  const { renderSpec } = await import("../../core/metaflow/spec/renderSpec.ts");
  const text = renderSpec(origin.spec, name);
  requireSoundSpec(await inspectFlowText(text, { path: `${name.moduleName}.py` }));
  return text;
}

async function outlineOf(text: string, path: string): Promise<FlowOutline> {
  const [outline] = await outlineFlowText(text, { path });
  if (!outline) {
    throw new Error(`${path} would hold no flow.`);
  }
  return outline;
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
  const { origin } = flow;
  const folder = dirname(flow.path);
  return await planUnderFreeName((number) =>
    planFlow(folders, { origin, name: `${flow.name.title} ${number}`, folder }),
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
