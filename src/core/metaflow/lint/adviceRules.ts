import type { Rule } from "./finding.ts";

/** What Metaflow finds only when the file is imported, when the flow runs, or never. */
export const adviceRules: readonly Rule[] = [];
