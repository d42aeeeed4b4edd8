import type { WorkspaceFacts } from "../../src/core/knowledge/fact.ts";
import { FactIndex } from "../../src/node/knowledge/factIndex.ts";
import { scriptWorkspace } from "./scriptWorkspace.ts";

/** What is found in a workspace of these files, path → text, on this machine or one that is described. */
export async function factsOf(
  files: Readonly<Record<string, string>>,
  options?: ConstructorParameters<typeof FactIndex>[1],
): Promise<WorkspaceFacts> {
  await using workspace = await scriptWorkspace();
  for (const [path, text] of Object.entries(files)) {
    await workspace.write(path, text);
  }
  const index = new FactIndex(workspace.folder, options);
  await index.scan();
  return index.facts({});
}
