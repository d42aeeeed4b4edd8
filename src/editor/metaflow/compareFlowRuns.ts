import { UserError } from "../../core/base/errors.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashRequest } from "../../core/chat/slashCommand.ts";
import type { FlowRun } from "../../core/metaflow/runs/flowRun.ts";
import { askedFlow, readContents, requireLocalRuns } from "./flowRunAccess.ts";

const LOOKED_THROUGH = 200;

/** `/compare`: the two runs that are named; one that is named and the one of its flow before it; else the newest two of a flow. */
export async function answerCompare({ prompt }: SlashRequest): Promise<Reply> {
  const { runs, root } = await requireLocalRuns(undefined, { count: LOOKED_THROUGH });
  const pair = choosePair(runs, prompt, await askedFlow(prompt, runs));
  return { markdown: await renderPair(pair, root), offersHandoffs: false };
}

function choosePair(runs: readonly FlowRun[], prompt: string, asked: string | undefined): readonly [FlowRun, FlowRun] {
  const ids = [...prompt.matchAll(/\b\d{4,}\b/g)].map(([id]) => id);
  const unknown = ids.find((id) => !runs.some((run) => run.id === id));
  if (unknown !== undefined) {
    throw new UserError(
      `The local datastore has no run ${unknown} among its newest ${LOOKED_THROUGH}. \`/runs\` lists them.`,
    );
  }
  const named = runs.filter(({ id }) => ids.includes(id));
  const latest = named[0] ?? runs.find(({ flow }) => asked === undefined || flow === asked);
  const other = named[1] ?? runs.find((run) => run.flow === latest?.flow && run.createdAt < latest.createdAt);
  if (!latest || !other) {
    throw new UserError(
      latest
        ? `${latest.flow} has one run, and a comparison takes two. Run it again with other parameters.`
        : `${asked ?? "This flow"} has not run here, and a comparison takes two runs.`,
    );
  }
  return [other, latest];
}

/** The older run stands first, whatever the order in which they were picked. */
export async function renderPair([one, other]: readonly [FlowRun, FlowRun], root: string): Promise<string> {
  const { compareRuns } = await import("../../core/metaflow/runs/compareRuns.ts");
  const { renderFlowComparison } = await import("../../core/training/renderFlowComparison.ts");
  const [before, after] = one.createdAt <= other.createdAt ? [one, other] : [other, one];
  const read = async (run: FlowRun) => ({ run, ...(await readContents(run, root)) });
  const now = new Date();
  return renderFlowComparison(compareRuns(await read(before), await read(after), now.getTime()), now);
}
