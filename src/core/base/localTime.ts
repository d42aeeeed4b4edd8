/** Files keep time in UTC; people read it in the zone of the machine that the runs are on. */

/** `09:14` of the day of `now`, `2026-11-20 09:14` of any other; what is no time stays as it is. */
export function formatLocalTime(iso: string, now: Date): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) {
    return iso;
  }
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return dateOf(time) === dateOf(now) ? clock : `${dateOf(time)} ${clock}`;
}

/** The same for a narrow row: `01:14` today, `11-20 23:59` in this year, `2025-11-21` before it. */
export function formatShortLocalTime(iso: string, now: Date): string {
  const full = formatLocalTime(iso, now);
  const year = `${now.getFullYear()}-`;
  return full.startsWith(year) ? full.slice(year.length) : full.replace(/(?<=^\d+-\d+-\d+) .*/, "");
}

/** `2026-11-20 09:14:05 (UTC+01:00)`, for a document that is read elsewhere and later. */
export function formatLocalMoment(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) {
    return iso;
  }
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${dateOf(time)} ${clock} (${offset === 0 ? "UTC" : `UTC${zone}`})`;
}

function dateOf(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
