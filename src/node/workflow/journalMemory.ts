import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { parseJson } from "../../core/base/parseJson.ts";
import type { JournalEnd } from "../../core/workflow/journal.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { errorCode } from "../base/fileErrors.ts";
import { stateFolder } from "../base/stateFolder.ts";
import { hashText } from "./workflowSeal.ts";

/*
 * The seals of a journal say that each line is Trainyard's, and not that it was the last one: cutting off its end would bring
 * back an approval that an edit or a step back had withdrawn. So the last line that was written here is remembered outside
 * of the workspace.
 */

/** Contract: `remember` never fails for a state folder that cannot be written to; then nothing is missed. */
export interface JournalMemory {
  read(journal: string): Promise<JournalEnd | undefined>;
  remember(journal: string, end: JournalEnd): Promise<void>;
}

const endSchema = z.object({ lines: z.int(), hash: z.string() });

export function openJournalMemory(folder: string = stateFolder()): JournalMemory {
  const pathOf = (journal: string) => join(folder, "workflow-ends", `${hashText(journal).slice(0, 32)}.json`);
  return {
    read: (journal) => readEnd(pathOf(journal)),

    async remember(journal, { lines, hash }) {
      const path = pathOf(journal);
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFileAtomically(path, JSON.stringify({ lines, hash }));
      } catch (error) {
        if (errorCode(error) === undefined) {
          throw error;
        }
        // The line itself is written and counts.
      }
    },
  };
}

async function readEnd(path: string): Promise<JournalEnd | undefined> {
  try {
    return endSchema.safeParse(parseJson(await readFile(path, "utf8"))).data;
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return undefined;
  }
}
