import * as z from "zod";
import type { Tool } from "./tool.ts";

/** The tool's entry of `contributes.languageModelTools`. */
export function renderToolManifest(tool: Tool<unknown>): Record<string, unknown> {
  const { $schema: _dialect, ...inputSchema } = z.toJSONSchema(tool.input, { io: "input" });
  return {
    name: tool.name,
    displayName: tool.displayName,
    modelDescription: tool.modelDescription,
    userDescription: tool.userDescription,
    toolReferenceName: tool.referenceName,
    canBeReferencedInPrompt: true,
    icon: tool.icon,
    tags: ["trainyard"],
    inputSchema,
  };
}
