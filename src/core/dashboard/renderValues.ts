import type { CurvePoints } from "./growingCurve.ts";

export const VALUES_HEADER = "run,metric,step,time,value\n";

/** The values of one curve as rows for a spreadsheet, numbers to their last digit. */
export function renderValues(runId: string, tag: string, { steps, times, values }: CurvePoints): string {
  const name = [runId, tag].map(csvCell).join(",");
  const rows = Array.from(values, (value, at) => `${name},${steps[at] ?? ""},${isoTime(times[at])},${value}\n`);
  return rows.join("");
}

function isoTime(timeMs: number | undefined): string {
  return timeMs !== undefined && Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : "";
}

/** A cell in quotes where it needs them. A spreadsheet must not take a name for a formula. */
function csvCell(text: string): string {
  const safe = /^[=+@-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
