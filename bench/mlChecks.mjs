// Prints what the checks of machine-learning code say about files that were written by those who know: alarms by rule, and how
// many there are in 1,000 lines. node bench/mlChecks.mjs [--list] <folder>…
//
// The number in docs/ml-checks.md comes from the examples in the source distributions of scikit-learn 1.9.1, imbalanced-learn
// 0.14.2, pytorch-ignite 0.5.3, opacus 1.6.0 and fairseq 0.9.0, unpacked side by side. --list prints every alarm, to be read by hand.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pinnedNode, root } from "../scripts/paths.mjs";
import { STEPS, setUp } from "../scripts/setup.mjs";

await setUp(STEPS.desktop);
process.exitCode = await new Promise((done) => {
  const child = spawn(pinnedNode, [join(root, "bench", "mlChecksOnFolders.ts"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  child.once("error", () => done(1));
  child.once("exit", (code) => done(code ?? 1));
});
