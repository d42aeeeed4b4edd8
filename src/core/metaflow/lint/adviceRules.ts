import { artifactRules } from "./artifactRules.ts";
import { baseRules } from "./baseRules.ts";
import { currentRules } from "./currentRules.ts";
import { dataRules } from "./dataRules.ts";
import { declarationRules } from "./declarationRules.ts";
import { decoratorRules } from "./decoratorRules.ts";
import { deployRules } from "./deployRules.ts";
import type { Rule } from "./finding.ts";
import { habitRules } from "./habitRules.ts";
import { importRules } from "./importRules.ts";
import { inputRules } from "./inputRules.ts";
import { mergeRules } from "./mergeRules.ts";
import { nameRules } from "./nameRules.ts";
import { nextRules } from "./nextRules.ts";
import { runRules } from "./runRules.ts";
import { storedRules } from "./storedRules.ts";
import { switchRules } from "./switchRules.ts";
import { valueRules } from "./valueRules.ts";

/** What Metaflow finds only when the file is imported, when the flow runs, or never. */
export const adviceRules: readonly Rule[] = [
  ...baseRules,
  ...importRules,
  ...decoratorRules,
  ...declarationRules,
  ...nextRules,
  ...artifactRules,
  ...valueRules,
  ...nameRules,
  ...storedRules,
  ...switchRules,
  ...mergeRules,
  ...inputRules,
  ...runRules,
  ...currentRules,
  ...dataRules,
  ...deployRules,
  ...habitRules,
];
