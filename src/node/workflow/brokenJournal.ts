import { rename } from "node:fs/promises";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import { parseJson } from "../../core/base/parseJson.ts";
import { planUnderFreeName } from "../base/freeName.ts";
import { orWriteFailure } from "../base/writeNewFile.ts";

/** The journal of a workflow is gone, or does not hold from its first line on: nothing in its folder counts for anything. */
export class BrokenJournal extends UserError {
  constructor(what: string, options?: ErrorOptions) {
    super(
      `${what}, so the workflow cannot go on. Put the journal back from version control or a copy, or run Trainyard: Begin Workflow Anew…, which keeps what is there.`,
      options,
    );
  }
}

/** No workflow has such a name, so what lies there is not read as one. */
export async function setFolderAside(folder: string): Promise<string> {
  const { path } = await planUnderFreeName((number) => Promise.resolve({ path: `${folder}.broken-${number - 1}` }));
  await orWriteFailure(path, rename(folder, path));
  return path;
}

const startSchema = z.object({ event: z.object({ kind: z.literal("started"), task: z.string().max(2_000) }) });

/** What a journal says that it was begun for, which is no more than a proposal; undefined where it says nothing. */
export function taskOf(text: string): string | undefined {
  return startSchema.safeParse(parseJson(text.split("\n", 1)[0] ?? "")).data?.event.task;
}
