import * as z from "zod";
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
    userDescription: "Frameworks, commands, flows and folders of this workspace",
    modelDescription:
      "Lists facts about this workspace, each with the file and line it was read from and why: ML frameworks and versions (locked, installed, " +
      "declared or only imported), Metaflow flows, training scripts, folders of data, checkpoints and configuration, where code runs, and the " +
      "commands that train, resume, validate, run flows and start TensorBoard. Also lists versions that contradict each other, manifests that " +
      "cannot be read, and what is not known. Reads only. Call it before you say anything about the project.",
    icon: "$(list-tree)",
    input: projectFactsSchema,
    progress: () => "Reading the workspace",
    run: (_input, signal) => ports.collectFacts(signal),
  });
}
