import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** Everything set-up installs or writes for the local machine lives here; deleting it undoes the set-up. */
export const hostFolder = join(root, ".host");
export const logFolder = join(hostFolder, "logs");
export const stampFolder = join(hostFolder, "stamps");

/** The Node that package.json pins; the scripts themselves run on the machine's own Node. */
export const pinnedNode = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

export const sampleFolder = join(root, "examples", "digits");
/** A Python environment with programs that the tests start. */
export const toolsFolder = join(hostFolder, "tools-venv");
export const codeServerFolder = join(hostFolder, "code-server");
export const codeServerEntry = join(codeServerFolder, "node_modules", "code-server", "out", "node", "entry.js");
