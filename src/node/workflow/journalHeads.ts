import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { parseJson } from "../../core/base/parseJson.ts";
import type { JournalEnd } from "../../core/workflow/journal.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { errorCode } from "../base/fileErrors.ts";
import { stateFolder } from "../base/stateFolder.ts";

const headSchema = z.strictObject({ lines: z.number().int().nonnegative(), hash: z.string() });

/**
 * Where each journal ended when it was last written on this machine. It lies outside of every workspace: the lines of a
 * journal are sealed one by one, and a shorter one that was put in its place would hold as well.
 */
export type JournalHeads = {
  /** `workflow`: the hash of the journal's first line. Undefined for one that was never written here. */
  read(workflow: string): Promise<JournalEnd | undefined>;
  /** Contract: does not fail where the file system refuses, since the line itself is written and counts. */
  write(workflow: string, end: JournalEnd): Promise<void>;
};

/** The ends as files, one for each workflow, wherever its folder is moved or copied to. */
export function openJournalHeads(folder: string = join(stateFolder(), "workflow-heads")): JournalHeads {
  // The hash comes from a file that anybody may have written, and is no name of a file until it is hashed.
  const pathOf = (workflow: string) =>
    join(folder, `${createHash("sha256").update(workflow).digest("hex").slice(0, 32)}.json`);
  return {
    async read(workflow) {
      try {
        return headSchema.safeParse(parseJson(await readFile(pathOf(workflow), "utf8"))).data;
      } catch (error) {
        if (errorCode(error) === undefined) {
          throw error;
        }
        return undefined;
      }
    },
    async write(workflow, end) {
      const path = pathOf(workflow);
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFileAtomically(path, `${JSON.stringify(end)}\n`);
      } catch (error) {
        if (errorCode(error) === undefined) {
          throw error;
        }
        // A full home folder must not make a person repeat what has been noted; an older end still holds.
      }
    },
  };
}
