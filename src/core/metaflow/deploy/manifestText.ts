import { stringify } from "yaml";
import type { ArgoManifest } from "./manifestOutput.ts";

const NOTE = [
  "What Metaflow would give to Argo Workflows, compiled on this machine and sent nowhere.",
  "The production token and the place of the code package are placeholders, so this is for reading:",
  "`argo-workflows create` writes the real ones and deploys.",
];

/** A manifest as YAML, with its problems on top. */
export function manifestText(manifest: ArgoManifest, problems: readonly string[]): string {
  const checked =
    problems.length === 0
      ? ["Checked: every task calls a template and waits for tasks that exist, every step of the flow is there."]
      : ["Problems:", ...problems.map((problem) => `  ${problem}`)];
  const head = [...NOTE, "", ...checked].map((line) => `# ${line}`.trimEnd());
  return `${head.join("\n")}\n${stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
