import { basename } from "node:path";
import { type CliVerb, UsageError } from "../../base/cliVerb.ts";
import { collectReceipt } from "../receipt.ts";
import { createRun } from "../runLedger.ts";
import { startOwner } from "../startOwner.ts";
import { startInTerminal } from "../terminal.ts";
import { planCommand } from "./commandPlan.ts";

export const runVerb: CliVerb = {
  usage: "[--detach] -- <command>…",
  summary: "start a training that outlives this terminal, and show it; its exit code becomes this one's",
  options: { detach: { type: "boolean", short: "d" } },
  async run({ root, rest, words, options, host }) {
    if (rest.length === 0 || words.length > 0) {
      throw new UsageError("The command to run stands behind two dashes: trainyard run -- python train.py");
    }
    if (rest[0]?.trim() === "") {
      throw new UsageError("The command behind the two dashes is empty.");
    }
    const plan = planCommand(rest, process.cwd());
    const folder = await createRun(root, plan, await collectReceipt(plan.cwd, host.version, plan));
    if (options["detach"] === true) {
      await startOwner(folder, host.supervisorPath);
      host.print(basename(folder));
      return 0;
    }
    host.print(`Run ${basename(folder)}. It goes on when this terminal closes; Ctrl-C stops it.`);
    return startInTerminal(folder, host.supervisorPath);
  },
};
