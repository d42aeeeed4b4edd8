// Writes the tools' entries of package.json from their definitions. Run it with the pinned Node, which reads TypeScript.
import { readFile, writeFile } from "node:fs/promises";
import { createTools } from "../src/core/tools/toolCatalog.ts";
import { renderToolManifest } from "../src/core/tools/toolManifest.ts";
import { inertToolPorts } from "../test/support/inertToolPorts.ts";

const file = new URL("../package.json", import.meta.url);
const manifest = JSON.parse(await readFile(file, "utf8"));
manifest.contributes.languageModelTools = createTools(inertToolPorts).map(renderToolManifest);
await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`package.json: ${manifest.contributes.languageModelTools.length} tools`);
