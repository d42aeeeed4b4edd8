import { artifactRules } from "./artifactRules.ts";
import { dataRules } from "./dataRules.ts";
import { deployRules } from "./deployRules.ts";
import type { Rule } from "./finding.ts";
import { habitRules } from "./habitRules.ts";
import { importRules } from "./importRules.ts";
import { nextRules } from "./nextRules.ts";

/** What Metaflow finds only when the file is imported, when the flow runs, or never. */
export const adviceRules: readonly Rule[] = [
  ...importRules,
  ...nextRules,
  ...artifactRules,
  ...dataRules,
  ...deployRules,
  ...habitRules,
];
