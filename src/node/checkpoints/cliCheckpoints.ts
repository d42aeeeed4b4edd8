import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { oneLine, plainText } from "../../core/base/markdown.ts";
import { keepNonFinite } from "../../core/base/nonFinite.ts";
import { quoteControls, quoteWord } from "../../core/base/shellWord.ts";
import {
  type CheckpointEntry,
  type CheckpointListing,
  describeFurther,
  furtherThan,
} from "../../core/checkpoints/checkpointListing.ts";
import { describeCheckpointFolder, describeCheckpointFully } from "../../core/checkpoints/describeCheckpoint.ts";
import { describeTrust } from "../../core/checkpoints/importedName.ts";
import {
  describeCompanions,
  describeNewer,
  describeWeightsAlone,
  requireNewestWhole,
} from "../../core/checkpoints/newestCheckpoint.ts";
import { folderData } from "../../core/tools/inspectCheckpoints.ts";
import { type CliVerb, JSON_OPTION, onlyWord } from "../base/cliVerb.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { requireFolderOfCheckpoints } from "./folderOfCheckpoints.ts";
import { diskAt, listCheckpointFolder } from "./listCheckpointFolder.ts";
import { lookBeside } from "./lookBeside.ts";
import { isCheckpointFolder } from "./lookIntoFolder.ts";
import { readCheckpointWithTensors, readFreshCheckpoint } from "./readCheckpoint.ts";

/** A line for the person beside the program that reads standard output. */
const MAX_WARNING = 1_000;

export const checkpointsVerb: CliVerb = {
  ...VERB_TEXTS.checkpoints,
  options: {
    json: { ...JSON_OPTION, help: "print JSON, for other programs; of one checkpoint with all its tensors" },
  },
  async run(call) {
    const path = resolve(call.root, onlyWord(call, "A checkpoint or a folder of checkpoints"));
    const isJson = call.options["json"] === true;
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
    if (isFolder && !(await isCheckpointFolder(path))) {
      const listing = await listCheckpointFolder(path);
      const disk = await diskAt(path);
      const text = describeCheckpointFolder(listing, { disk });
      call.host.print(isJson ? toJson(folderData(listing, disk)) : plainText(text));
      return listing.kind === "listed" ? 0 : 1;
    }
    if (isJson) {
      const { summary, tensors } = await readCheckpointWithTensors(path);
      call.host.print(toJson({ ...summary, tensors }));
      return 0;
    }
    call.host.print(plainText(describeCheckpointFully(await readFreshCheckpoint(path))));
    return 0;
  },
};

/** People look for this under either name. */
export const inspectVerb: CliVerb = { ...checkpointsVerb, ...VERB_TEXTS.inspect };

export const newestVerb: CliVerb = {
  ...VERB_TEXTS.newest,
  async run(call) {
    const folder = resolve(call.root, onlyWord(call, "A folder of checkpoints"));
    if ((await stat(folder).catch(() => undefined))?.isFile() === true) {
      throw new UserError(
        `${folder} is a file. To know which checkpoint beside it is the newest: trainyard newest ${quoteWord(dirname(folder))}. To know what it holds itself: trainyard checkpoints ${quoteWord(folder)}`,
      );
    }
    await requireFolderOfCheckpoints(folder);
    const listing = await listCheckpointFolder(folder, { until: { kind: "newest-to-resume" } });
    const newest = requireNewestWhole(listing);
    // Standard output is for the program that resumes; the warnings are for the person beside it.
    for (const warning of await warningsAbout(newest, listing)) {
      process.stderr.write(`${oneLine(warning, MAX_WARNING)}\n`);
    }
    call.host.print(process.stdout.isTTY ? quoteControls(newest.path) : newest.path);
    return 0;
  },
};

async function warningsAbout(newest: CheckpointEntry, listing: CheckpointListing): Promise<string[]> {
  const entries = listing.kind === "listed" ? listing.entries : [];
  const trust = describeTrust(newest.summary.imports);
  const beside = await lookBeside(newest, entries);
  const further = furtherThan(newest, [...entries, ...beside.further]);
  return [
    describeNewer(newest, entries),
    describeWeightsAlone(newest, entries),
    trust && `${newest.summary.name} ${trust}`,
    further && describeFurther(newest, further),
    describeCompanions(newest.summary.name, beside.names),
  ].filter((warning) => warning !== undefined);
}

/** NaN and infinities have no JSON; as texts they survive. */
export function toJson(value: object): string {
  return JSON.stringify(value, keepNonFinite, 2);
}
