const MAX_SLUG_LENGTH = 40;

/** `20261121-034455-digits-1a2b`: sorts by time (UTC), is a safe file name, and says what ran. */
export function makeRunId(title: string, createdAt: Date, suffix: string): string {
  const [date = "", time = ""] = createdAt.toISOString().split("T");
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${slugOf(title) || "run"}-${suffix}`;
}

function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, "");
}

/** Whether a run of that id is called so: by its title, or as its tab is (`digits-1a2b`). */
export function isCalled(runId: string, name: string): boolean {
  const tab = runTabName(runId);
  const slug = slugOf(name);
  return slug !== "" && tab !== runId && (tab === slug || tab.replace(/-[^-]+$/, "") === slug);
}

const SUFFIXES_PER_MS = 16;
/** What the last two digits can be. */
const RANDOM_ENDS = 256;

/** Of so many random numbers one goes into an id. */
export const RUN_ID_RANDOMS = SUFFIXES_PER_MS * RANDOM_ENDS;

/**
 * Six hexadecimal digits. Of ids of one second the first four tell which came first. `random`: below `RUN_ID_RANDOMS`. Runs of several
 * workspaces can begin in one millisecond, and processes are told apart by the id of their run alone.
 */
export function runIdSuffix(createdAt: Date, random: number): string {
  const number = createdAt.getUTCMilliseconds() * SUFFIXES_PER_MS * RANDOM_ENDS + random;
  return number.toString(16).padStart(6, "0");
}

/** When the run of an id was made, to a sixteenth of a millisecond; undefined for a folder that somebody named. Ids of before have four digits. */
export function runIdTimeMs(id: string): number | undefined {
  const [, year, month, day, hour, minute, second, suffix = "0"] =
    /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-.*-([0-9a-f]{4})(?:[0-9a-f]{2})?$/.exec(id) ?? [];
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs + Number.parseInt(suffix, 16) / SUFFIXES_PER_MS;
}

/** For sorting, newest first. A folder that somebody named has no time, and stands as its name says. */
export function compareRunIds(a: string, b: string): number {
  const [first, second] = [sortKey(a), sortKey(b)];
  return first < second ? 1 : first > second ? -1 : 0;
}

function sortKey(id: string): string {
  const [, time, suffix] = /^(\d{8}-\d{6})-.*-([^-]+)$/.exec(id) ?? [];
  return time === undefined ? id : `${time} ${suffix} ${id}`;
}

/** `digits-1a2b` for `20261121-034455-digits-1a2b`: short enough for a tab. A folder that somebody named stays as it is. */
export function runTabName(runId: string): string {
  return /^\d{8}-\d{6}-(.+)$/.exec(runId)?.[1] ?? runId;
}

/** Whether a tab of this title is that of the run: after a window reload VS Code puts the task's source before the name. */
export function isTabOfRun(title: string, runId: string): boolean {
  const name = runTabName(runId);
  return title === name || title.endsWith(`: ${name}`);
}
