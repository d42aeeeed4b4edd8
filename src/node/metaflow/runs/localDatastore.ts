import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import {
  END_STEP,
  type FlowRun,
  type FlowRunFacts,
  judgeRun,
  type TaskFacts,
} from "../../../core/metaflow/runs/flowRun.ts";
import { errorCode } from "../../base/fileErrors.ts";
import { livingRunIds } from "./livingRuns.ts";
import { readTask, readTaskMeta, type TaskPlace } from "./readTask.ts";

const DATASTORE = ".metaflow";
/** Of a run with more tasks, those of its widest steps are not all read. */
const MAX_TASKS = 2_000;
/** Ids of local runs are microseconds; those of a metadata service count from one. */
const RUN_ID = /^\d+$/;
const STEP = /^[a-z_][a-z0-9_]*$/;

/** Where a flow lies that is run in a folder. */
export type DatastoreRequest = { folder: string; environment: Readonly<Record<string, string | undefined>> };

/**
 * The folder of the local datastore, as Metaflow finds it: that of METAFLOW_DATASTORE_SYSROOT_LOCAL, else the nearest
 * `.metaflow` from a folder upwards. Nothing where no flow has run yet.
 */
export async function findDatastore({ folder, environment }: DatastoreRequest): Promise<string | undefined> {
  const named = environment["METAFLOW_DATASTORE_SYSROOT_LOCAL"];
  if (named !== undefined && named !== "") {
    const root = join(named, DATASTORE);
    return (await isFolder(root)) ? root : undefined;
  }
  for (let at = folder; ; at = dirname(at)) {
    const root = join(at, DATASTORE);
    if (await isFolder(root)) {
      return root;
    }
    if (dirname(at) === at) {
      return undefined;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return false;
  }
}

export type RunName = { flow: string; id: string };

/** The newest runs of a datastore, of one flow or of all, newest first. */
export async function listRunNames(
  root: string,
  { flow, count }: { flow?: string; count: number },
): Promise<RunName[]> {
  const flows = flow === undefined ? await folderNames(root, /^[A-Za-z_]\w*$/) : [flow];
  const runs = await Promise.all(
    flows.map(async (name) => (await folderNames(join(root, name), RUN_ID)).map((id): RunName => ({ flow: name, id }))),
  );
  return runs
    .flat()
    .toSorted((a, b) => b.id.length - a.id.length || (a.id < b.id ? 1 : -1))
    .slice(0, count);
}

/** What became of runs; runs that cannot be read any more are left out. */
export async function readRuns(root: string, names: readonly RunName[]): Promise<FlowRun[]> {
  const living = await livingRunIds();
  const now = Date.now();
  const runs = await Promise.all(
    names.map(async (name) => {
      const facts = await readRunFacts(root, name);
      return facts && judgeRun(facts, living?.has(name.id), now);
    }),
  );
  return runs.filter((run) => run !== undefined);
}

const selfSchema = z.object({
  ts_epoch: z.number(),
  user_name: z.string().catch(""),
  tags: z.array(z.string()).catch([]),
});

async function readRunFacts(root: string, { flow, id }: RunName): Promise<FlowRunFacts | undefined> {
  const folder = join(root, flow, id);
  const self = await readJson(join(folder, "_meta", "_self.json"), selfSchema);
  if (!self) {
    return undefined;
  }
  const steps = (await folderNames(folder, STEP)).filter((step) => step !== "_parameters" && step !== "_meta");
  const places = await Promise.all(
    steps.map(async (step) =>
      (await folderNames(join(folder, step), /^\d+$/)).map((task) => ({
        step,
        id: task,
        folder: join(folder, step, task),
      })),
    ),
  );
  const read = shareOut(places);
  const tasks = await Promise.all(read.flat().map(readTask));
  const unread = places.flatMap((each) => {
    const left = each.length - (read.find(([first]) => first?.step === each[0]?.step)?.length ?? 0);
    return left > 0 && each[0] ? [[each[0].step, left] as const] : [];
  });
  const endStep = await findEndStep(folder, tasks);
  const times = tasks.flatMap(({ facts }) => [facts.startedAt ?? 0, facts.endedAt ?? 0]);
  const first = places.flat()[0];
  const origin = first && (await readTaskMeta(first.folder, "origin-run-id"));
  return {
    flow,
    id,
    createdAt: self.ts_epoch,
    user: self.user_name,
    tags: self.tags,
    ...(origin === undefined || !RUN_ID.test(origin) ? {} : { originRunId: origin }),
    tasks: tasks.toSorted((a, b) => Number(a.id) - Number(b.id)),
    ...(unread.length === 0 ? {} : { unread: Object.fromEntries(unread) }),
    ...(endStep === undefined ? {} : { endStep }),
    changedAt: Math.max(self.ts_epoch, ...times),
  };
}

/** As many tasks as are read, the narrow steps whole: `start`, joins and the last step tell what became of a run. */
function shareOut(steps: readonly (readonly TaskPlace[])[]): readonly (readonly TaskPlace[])[] {
  let rest = MAX_TASKS;
  const byWidth = steps.toSorted((a, b) => a.length - b.length);
  return byWidth.map((tasks, index) => {
    const share = tasks.slice(0, Math.floor(rest / (byWidth.length - index)));
    rest -= share.length;
    return share;
  });
}

const TRANSITION = "_transition";
const transitionSchema = z.object({ info: z.object({ [TRANSITION]: z.object({ type: z.string() }) }) });

/** Every task says where it leads to; one that succeeded and leads nowhere belongs to the last step. */
async function findEndStep(folder: string, tasks: readonly TaskFacts[]): Promise<string | undefined> {
  if (tasks.some(({ step }) => step === END_STEP)) {
    return undefined;
  }
  const first = new Map(tasks.filter(({ facts }) => facts.isOk).map((task) => [task.step, task]));
  for (const { step, id, attempt } of [...first.values()].toReversed()) {
    const data = await readJson(join(folder, step, id, `${attempt}.data.json`), transitionSchema);
    if (data?.info[TRANSITION].type === "<class 'NoneType'>") {
      return step;
    }
  }
  return undefined;
}

export async function readJson<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, "utf8"))).data;
  } catch (error) {
    // Being written at this moment, or gone: the next look sees more.
    if (error instanceof SyntaxError || errorCode(error) !== undefined) {
      return undefined;
    }
    throw error;
  }
}

async function folderNames(folder: string, pattern: RegExp): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && pattern.test(entry.name)).map(({ name }) => name);
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return [];
  }
}
