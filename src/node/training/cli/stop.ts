import { describeRunEnd } from "../../../core/training/describeRun.ts";
import { hasEnded } from "../../../core/training/runState.ts";
import { type CliVerb, onlyWord } from "../../base/cliVerb.ts";
import { FileWaker } from "../../base/fileWaker.ts";
import { findRun, readRun } from "../runLedger.ts";
import { adoptRun } from "../startOwner.ts";
import { requestStop } from "../stopRequest.ts";

const POLL_MS = 250;

export const stopVerb: CliVerb = {
  usage: "[--now] <id|latest>",
  summary: "ask a training to stop, as Ctrl-C does, and wait for its end; --now kills it",
  options: { now: { type: "boolean" } },
  async run(call) {
    let run = await findRun(call.root, onlyWord(call, "The id of a run, or latest,"));
    if (run.state === "orphaned") {
      await adoptRun(run.folder, call.host.supervisorPath);
      run = await readRun(run.folder);
    }
    await requestStop(run, call.options["now"] === true ? "now" : "graceful");
    using waker = new FileWaker(run.folder, POLL_MS);
    while (!hasEnded(run.state)) {
      await waker.wait();
      run = await readRun(run.folder);
    }
    call.host.print(describeRunEnd(run));
    return 0;
  },
};
