import type { FlowName } from "./flowName.ts";
import type { FlowTemplate } from "./flowTemplate.ts";

/**
 * The Python text of a new flow. A template is a flow that runs as it is; a new one differs only in the names
 * of its class and its module.
 */
export function renderFlow(template: FlowTemplate, templateText: string, name: FlowName): string {
  const renamed = replaceWord(templateText, template.className, name.className);
  return replaceWord(renamed, template.moduleName, name.moduleName);
}

function replaceWord(text: string, word: string, replacement: string): string {
  const pattern = new RegExp(`\\b${word}\\b`, "g");
  if (!pattern.test(text)) {
    throw new Error(`The template does not contain ${word}.`);
  }
  return text.replace(pattern, replacement);
}
