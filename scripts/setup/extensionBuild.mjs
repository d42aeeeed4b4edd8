import { join } from "node:path";
import { exists } from "../host/profile.mjs";
import { pinnedNode, root } from "../paths.mjs";
import { runLogged } from "./command.mjs";
import { hashFiles } from "./step.mjs";

const INPUTS = ["src", "media", "agents", "skills", "package.json", "package-lock.json", "esbuild.config.mjs"];

/** @type {import("./step.mjs").Step} */
export const extensionBuild = {
  name: "build",
  title: "Build of the extension",
  hint: "a few seconds",
  isPresent: () => exists(join(root, "dist", "extension.js")),
  fingerprint: () => hashFiles(INPUTS.map((path) => join(root, path))),
  perform: (log) => runLogged(log, [pinnedNode, join(root, "esbuild.config.mjs")], { cwd: root }),
};
