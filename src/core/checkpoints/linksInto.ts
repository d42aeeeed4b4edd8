import { groupBy } from "../base/groupBy.ts";
import type { CheckpointLink } from "./checkpointListing.ts";
import { folderOf, pathsUpFrom } from "./checkpointParts.ts";

/**
 * Finds of many links those that may lead to a checkpoint: to it or into it, or to something beside it, which may be a
 * part of it. There may be thousands of either, so not each is compared with each.
 */
export function linksInto(links: readonly CheckpointLink[]): (path: string) => readonly CheckpointLink[] {
  const upwards = links.flatMap((link) => pathsUpFrom(link.target).map((path) => ({ path, link })));
  const into = groupBy(upwards, ({ path }) => path);
  const beside = groupBy(links, ({ target }) => folderOf(target));
  return (path) => [...(into.get(path) ?? []).map(({ link }) => link), ...(beside.get(folderOf(path)) ?? [])];
}
