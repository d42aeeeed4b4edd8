import type { CurvePoints } from "./growingCurve.ts";

export const VALUES_HEADER = "run,metric,step,time,value\n";

/** A text cannot hold all rows of a long curve. */
const ROWS_PER_PIECE = 5_000;

/** The values of one curve as rows for a spreadsheet, numbers to their last digit, in pieces that follow each other. */
export function* renderValues(runId: string, tag: string, { steps, times, values }: CurvePoints): Generator<string> {
  const name = [runId, tag].map(csvCell).join(",");
  for (let from = 0; from < values.length; from += ROWS_PER_PIECE) {
    const length = Math.min(ROWS_PER_PIECE, values.length - from);
    const rows = Array.from({ length }, (_, index) => {
      const at = from + index;
      return `${name},${steps[at] ?? ""},${isoTime(times[at])},${values[at]}\n`;
    });
    yield rows.join("");
  }
}

function isoTime(timeMs: number | undefined): string {
  return timeMs !== undefined && Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : "";
}

/** A cell in quotes where it needs them. A spreadsheet must not take a name for a formula. */
function csvCell(text: string): string {
  const safe = /^[=+@-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
