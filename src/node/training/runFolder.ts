import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type * as z from "zod/mini";
import { UserError } from "../../core/base/errors.ts";
import { maskSecretWords } from "../../core/base/secretWords.ts";
import { LOG_FILE } from "../../core/training/logParts.ts";
import {
  type RunRecord,
  type RunStatus,
  renderRunRecord,
  runRecordSchema,
  runStatusSchema,
} from "../../core/training/runRecord.ts";
import { writeFileAtomically } from "../base/atomicWrite.ts";
import { describeFileError, errorCode } from "../base/fileErrors.ts";

/** Far more than any plan or status needs; what is larger was not written by us. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** In the folder of a run: what its code differed in from the commit of its receipt. */
export const PATCH_FILE = "changes.patch";
/** The code that git did not know. Apart from the changes: who applies those has the new files still. */
export const NEW_CODE_FILE = "new-code.patch";
/** Their texts are bytes, one for each character. */
export const PATCH_ENCODING = "latin1";

/** The files of one run, see runRecord.ts. A path is made when it is asked for: supervisors do so several times a second. */
export function runFiles(folder: string) {
  return {
    get record() {
      return join(folder, "run.json");
    },
    get patch() {
      return join(folder, PATCH_FILE);
    },
    get newCode() {
      return join(folder, NEW_CODE_FILE);
    },
    get status() {
      return join(folder, "status.json");
    },
    /** The first part of the log; see logParts.ts. */
    get log() {
      return join(folder, LOG_FILE);
    },
    /** What goes on by itself behind the end of the run prints to it, see leftOutput.ts. */
    get leftOutput() {
      return join(folder, "left.log");
    },
    get stop() {
      return join(folder, "stop.json");
    },
    get notified() {
      return join(folder, "notified");
    },
  };
}

/** The workspace that a run belongs to, whose folder lies in its `.trainyard/runs`. */
export function workspaceOfRun(folder: string): string {
  return dirname(dirname(dirname(folder)));
}

/** Reads `run.json`; refuses a folder that is no run. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const record = await readJson(runFiles(folder).record, runRecordSchema);
  if (record === undefined) {
    throw new UserError(
      `There is no training run in ${folder}: run.json is missing. Choose a folder below .trainyard/runs.`,
    );
  }
  return record;
}

/** Writes `run.json`. That of a command with a secret, which could not be resumed without it, is for its owner alone. */
export async function writeRunRecord(folder: string, record: RunRecord): Promise<void> {
  const { command } = record.plan;
  const hasSecret = maskSecretWords(command).some((word, at) => word !== command[at]);
  await writeFileAtomically(runFiles(folder).record, renderRunRecord(record), hasSecret ? 0o600 : undefined);
}

/** Reads `status.json`; undefined before the run was started. */
export function readRunStatus(folder: string): Promise<RunStatus | undefined> {
  return readJson(runFiles(folder).status, runStatusSchema);
}

async function readJson<Schema extends z.ZodMiniType>(
  path: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_JSON_BYTES) {
      throw new UserError(`${path} is ${size} bytes long, too much for what it should be. Delete the run's folder.`);
    }
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw new UserError(`${path} cannot be read: ${describeFileError(error)}.`, { cause: error });
  }
  return parseJson(path, text, schema);
}

function parseJson<Schema extends z.ZodMiniType>(path: string, text: string, schema: Schema): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is damaged: it is not JSON. Delete the run's folder if you do not need its log.`, {
      cause: error,
    });
  }
  const version =
    typeof value === "object" && value !== null && "schemaVersion" in value ? value.schemaVersion : undefined;
  if (typeof version === "number" && version > 1) {
    throw new UserError(
      `Run ${basename(join(path, ".."))} was written by a newer Trainyard. Update the extension to read it.`,
    );
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(
      `${path} is damaged: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "unexpected content"}. ` +
        "Delete the run's folder if you do not need its log.",
      { cause: parsed.error },
    );
  }
  return parsed.data;
}
