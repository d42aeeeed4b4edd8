/** The name a person probably meant: at most two typing mistakes away, and fewer than half of its letters. */
export function closestName(written: string, names: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    if (Math.abs(written.length - name.length) > 2) {
      continue;
    }
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    const isNear = distance <= 2 && distance * 2 < name.length;
    if (isNear && (best === undefined || distance < best.distance)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

/** Letters to insert, remove, change, or exchange with their neighbour. */
function editDistance(a: string, b: string): number {
  // Names this long are no typing mistakes, and the table below is quadratic.
  if (a.length > 64 || b.length > 64) {
    return Number.POSITIVE_INFINITY;
  }
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    const cell = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
    for (let j = 1; j <= b.length; j++) {
      const substitution = cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchange = isExchanged ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(substitution, exchange, cell(i - 1, j) + 1, (current[j - 1] ?? 0) + 1));
    }
    rows.push(current);
  }
  return rows.at(-1)?.[b.length] ?? 0;
}
