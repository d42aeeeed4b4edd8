import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../base/fileErrors.ts";
import { readSource } from "../../base/readSource.ts";
import { findDatastore, type RunName } from "./localDatastore.ts";

/*
 * Cards of local runs (Netflix/metaflow:metaflow/plugins/cards/card_datastore.py):
 *
 *   <root>/mf.cards/<Flow>/runs/<run>/steps/<step>/tasks/<task>/cards/<type>[-<id>]-<hash>.html
 */

/** A card holds its program, a megabyte, and the images that were put into it. */
const MAX_CARD_BYTES = 50_000_000;

export type FlowCard = { step: string; task: string; name: string; path: string };

/** Where cards may lie: in the datastore of the runs, and in the one that is found from a folder upwards. */
export type CardPlaces = { root: string; folder: string };

/**
 * The cards that a run left, of one task or of all. Metaflow does not look at METAFLOW_DATASTORE_SYSROOT_LOCAL for them, so they
 * can lie in another datastore than their run.
 */
export async function listCards(
  { root, folder }: CardPlaces,
  run: RunName,
  task?: { step: string; id: string },
): Promise<FlowCard[]> {
  const roots = new Set([root, (await findDatastore({ folder, environment: {} })) ?? root]);
  return (await Promise.all([...roots].map((each) => cardsIn(each, run, task)))).flat();
}

async function cardsIn(
  root: string,
  { flow, id }: RunName,
  task: { step: string; id: string } | undefined,
): Promise<FlowCard[]> {
  const steps = join(root, "mf.cards", flow, "runs", id, "steps");
  const places = await Promise.all(
    (task ? [task.step] : await namesIn(steps)).map(async (step) =>
      (task ? [task.id] : await namesIn(join(steps, step, "tasks"))).map((each) => ({ step, task: each })),
    ),
  );
  const cards = await Promise.all(
    places.flat().map(async (place) => {
      const cardFolder = join(steps, place.step, "tasks", place.task, "cards");
      return (await namesIn(cardFolder)).flatMap((file) => {
        const name = /^(.+)-[0-9a-f]+\.html$/.exec(file)?.[1];
        return name === undefined ? [] : [{ ...place, name, path: join(cardFolder, file) }];
      });
    }),
  );
  return cards.flat();
}

/** The page of a card; nothing where it is gone or larger than any card. */
export async function readCard(path: string): Promise<string | undefined> {
  return readSource(path, MAX_CARD_BYTES);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (errorCode(error) === undefined) {
      throw error;
    }
    return [];
  }
}
