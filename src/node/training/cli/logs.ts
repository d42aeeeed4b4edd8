import { hasEnded } from "../../../core/training/runState.ts";
import { type CliVerb, onlyWord } from "../../base/cliVerb.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { printLog, RunFollower } from "../follower.ts";
import { readRunOrReason } from "../runLedger.ts";
import { adoptOrphan } from "../startOwner.ts";
import { standardTerminal } from "../terminal.ts";
import { findRunToRead } from "./runToRead.ts";

export const logsVerb: CliVerb = {
  ...VERB_TEXTS.logs,
  options: {
    follow: { type: "boolean", short: "f", help: "go on with what the run prints until it ends" },
  },
  workspace: "used",
  async run(call) {
    const folder = await findRunToRead(call.root, onlyWord(call, "The id of a run, or latest,"));
    const found = await readRunOrReason(folder);
    if ("reason" in found) {
      return printLog(found, standardTerminal());
    }
    const run = await adoptOrphan(found, call.host.supervisorPath);
    const follower = new RunFollower(run, standardTerminal());
    if (call.options["follow"] === true) {
      await follower.follow();
    } else {
      await follower.printPresent();
      if (hasEnded(run.state)) {
        await follower.sayProblem();
        await follower.sayLeftOutput();
      }
    }
    return 0;
  },
};
