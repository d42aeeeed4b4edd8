import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptFacts, TaskFacts } from "../../../core/metaflow/runs/flowRun.ts";
import { errorCode } from "../../base/fileErrors.ts";

export type TaskPlace = { step: string; id: string; folder: string };

/** What the files of a task say about its last attempt. */
export async function readTask({ step, id, folder }: TaskPlace): Promise<TaskFacts> {
  const names = await namesIn(folder);
  const attempts = names.flatMap(
    (name) => /^(\d+)\.(?:attempt\.json|task_begin|runtime|DONE\.lock)$/.exec(name)?.[1] ?? [],
  );
  const attempt = Math.max(0, ...attempts.map(Number));
  const meta = await namesIn(join(folder, "_meta"));
  return {
    step,
    id,
    attempt,
    facts: await readAttempt(folder, attempt, { names, meta }),
    isCloned: meta.some((name) => name.startsWith("sysmeta_origin-task-id_")),
  };
}

async function readAttempt(
  folder: string,
  attempt: number,
  { names, meta }: { names: readonly string[]; meta: readonly string[] },
): Promise<AttemptFacts> {
  const has = (name: string) => names.includes(`${attempt}.${name}`);
  const began = field(await jsonIn(join(folder, `${attempt}.attempt.json`)), "time");
  const endedAt = has("DONE.lock") ? await timeOf(join(folder, `${attempt}.DONE.lock`)) : undefined;
  const isOk = has("runtime")
    ? field(await jsonIn(join(folder, `${attempt}.runtime`)), "success") === true
    : await storedOutcome(folder, meta, has("DONE.lock"));
  return {
    ...(typeof began === "number" ? { startedAt: began * 1000 } : {}),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(isOk === undefined ? {} : { isOk }),
  };
}

/** The runner notes how a task ended only after the task itself has; a task that was cloned has this alone. */
async function storedOutcome(folder: string, meta: readonly string[], isDone: boolean): Promise<boolean | undefined> {
  if (!isDone) {
    return undefined;
  }
  const value = await readMetaFile(folder, newest(meta, "attempt_ok"));
  return value === undefined ? undefined : value === "True";
}

/** The newest value of a field of a task's metadata. */
export async function readTaskMeta(folder: string, name: string): Promise<string | undefined> {
  return readMetaFile(folder, newest(await namesIn(join(folder, "_meta")), name));
}

/** File names end in a time, so that the last in order is the newest. */
function newest(meta: readonly string[], name: string): string | undefined {
  return meta
    .filter((file) => file.startsWith(`sysmeta_${name}_`))
    .toSorted()
    .at(-1);
}

async function readMetaFile(folder: string, name: string | undefined): Promise<string | undefined> {
  const value = name === undefined ? undefined : field(await jsonIn(join(folder, "_meta", name)), "value");
  return typeof value === "string" ? value : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

async function jsonIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) !== undefined) {
      return undefined;
    }
    throw error;
  }
}

async function timeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return undefined;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return [];
  }
}
