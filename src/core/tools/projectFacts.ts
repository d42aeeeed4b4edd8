import { z } from "zod";
import { defineTool } from "./tool.ts";

const projectFactsSchema = z.strictObject({});

export type ProjectFactsInput = z.infer<typeof projectFactsSchema>;

export type ProjectFactsPorts = {
  /** Contract: reads only; each fact in the text names the file and line it came from. */
  collectFacts(signal: AbortSignal): Promise<{ text: string; data: unknown }>;
};

/** What is known about the workspace, each fact with its source. */
export function projectFactsTool(ports: ProjectFactsPorts) {
  return defineTool<ProjectFactsInput>({
    name: "trainyard_project_facts",
    referenceName: "trainyardProjectFacts",
    displayName: "Project Facts",
    userDescription: "Frameworks, scripts, flows and folders of this workspace",
    modelDescription:
      "Lists facts about this workspace, each with the file and line it was read from: ML frameworks and versions, training scripts, " +
      "Metaflow flows, checkpoint and data folders, the Python environment. Reads only. Call it before you say anything about the project.",
    icon: "$(list-tree)",
    input: projectFactsSchema,
    progress: () => "Reading the workspace",
    run: (_input, signal) => ports.collectFacts(signal),
  });
}
