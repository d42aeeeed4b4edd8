/* What people write of flows, and of the projects that are led through phases. */

import type { IntentRule } from "./intentRule.ts";

export const FLOWS: IntentRule[] = [
  {
    command: "check",
    pattern: /\b(?:check|lint|verify|validate|is)\b.*\b(?:flow|flows|pipeline|workflow|dag)\b/,
    unless: /\b(?:running|done|finished|production)\b/,
    answersQuestions: true,
    owner: "metaflow-agent",
  },
  { command: "test", pattern: /\b(?:write|add|create|generate|make)\b.*\btests?\b|^test\b/ },
  { command: "document", pattern: /\b(?:document|documentation|docs|readme)\b/ },
  { command: "check", pattern: /^(?:check|lint|verify) (?:it|this|that)$/, owner: "metaflow-agent" },
  { command: "graph", pattern: /^what does (?:the|my|this) flow do\b/, answersQuestions: true },
  {
    command: "pipeline",
    pattern: /^(?:start|begin|build|create|make|design|plan|set ?up|new)\b.*\bpipeline\b/,
    asked: "mlops-engineer",
  },
  { command: "pipeline", pattern: /^(?:start|begin|plan|design|set ?up)\b.*\bpipeline for\b/ },
  { command: "pipeline", pattern: /\b(?:design|plan)\b.*\b(?:ml|mlops|end-to-end) (?:pipeline|platform)\b/ },
  {
    command: "scaffold",
    pattern:
      /\b(?:create|new|generate|make|write|build|turn|convert|add|give me)\b.*\b(?:flow|flows|pipeline|workflow)\b/,
  },
  { command: "scaffold", pattern: /\bscaffold\b/ },
  { command: "run", pattern: /\b(?:run|rerun|execute|start|launch|kick off)\b.*\b(?:flow|flows|pipeline|workflow)\b/ },
  { command: "develop", pattern: /\b(?:guided|from scratch|step by step)\b|\bdevelop\b.*\b(?:model|feature)\b/ },
];
