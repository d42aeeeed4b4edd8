// Prints, side by side and in one run, how long Metaflow and Trainyard take to read flows: one flow as a process, one flow in a
// process that runs already, a whole corpus, and splits stacked on one another. node bench/flows.mjs [rounds]
//
// CPU time is printed beside the clock: on a machine that does other work only the first says something about the program.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pinnedNode, root } from "../scripts/paths.mjs";
import { STEPS, setUp } from "../scripts/setup.mjs";

await setUp(STEPS.desktop);
process.exitCode = await new Promise((done) => {
  const child = spawn(pinnedNode, [join(root, "bench", "flowsSideBySide.ts"), process.argv[2] ?? "7"], {
    cwd: root,
    stdio: "inherit",
  });
  child.once("error", () => done(1));
  child.once("exit", (code) => done(code ?? 1));
});
