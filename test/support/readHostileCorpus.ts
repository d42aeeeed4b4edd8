import { readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../src/core/base/errors.ts";
import { checkpointPage, encodeTensors, shownTensors } from "../../src/core/checkpoints/checkpointPage.ts";
import { describeCheckpointFolder, describeCheckpointFully } from "../../src/core/checkpoints/describeCheckpoint.ts";
import { tableRows } from "../../src/core/checkpoints/tensorTable.ts";
import { listCheckpointFolder } from "../../src/node/checkpoints/listCheckpointFolder.ts";
import { readCheckpoint, readCheckpointWithTensors } from "../../src/node/checkpoints/readCheckpoint.ts";
import { leastCpuMs } from "./cpuTime.ts";

/*
 * The program that reads a folder of hostile files as every door does, and prints what each of them cost: a line of
 * JSON per file, and one for the memory of all. Run it without the rights to write or to start anything.
 */

const QUERY = { search: "", column: "name", isDescending: false, isTree: true, collapsed: [] } as const;
const GOOD_ENOUGH_MS = 100;

/** The chat, the tools and the command line describe a summary; the page shows tensors too. */
const doors: readonly ((path: string) => Promise<string>)[] = [
  async (path) => {
    const summary = await readCheckpoint(path);
    describeCheckpointFully(summary);
    return summary.completeness.state;
  },
  async (path) => {
    const details = await readCheckpointWithTensors(path);
    const tensors = shownTensors(details.tensors);
    JSON.stringify(checkpointPage(details));
    encodeTensors(tensors);
    tableRows(tensors, QUERY);
    return details.summary.completeness.state;
  },
];

async function stateOf(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UserError) {
      return "refused";
    }
    throw error;
  }
}

const [folder = ""] = process.argv.slice(2);
const names = readdirSync(folder).toSorted();
const baseline = process.memoryUsage().rss;
for (const name of names) {
  const costs = [];
  for (const read of doors) {
    costs.push(await leastCpuMs(() => stateOf(() => read(join(folder, name))), GOOD_ENOUGH_MS));
  }
  const cpuMs = Math.max(...costs.map((cost) => cost.cpuMs));
  console.log(JSON.stringify({ name, state: costs[0]?.result, cpuMs }));
}
const listing = describeCheckpointFolder(await listCheckpointFolder(folder));
const grownMegabytes = (process.resourceUsage().maxRSS * 1024 - baseline) / 1e6;
console.log(JSON.stringify({ grownMegabytes, listedCharacters: listing.length, isPolluted: "polluted" in {} }));
