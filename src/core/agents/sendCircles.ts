/** A send that is part of a circle of sends, by which agents could hand the work round without a person. */
export type AutoSend = { from: string; to: string; circle: readonly string[] };

/** Every send that leads back to its agent through sends alone, with the shortest such way. */
export function findSendCircles(sends: readonly { from: string; to: string }[]): AutoSend[] {
  return sends.flatMap(({ from, to }) => {
    const way = shortestWay(to, from, sends);
    return way === undefined ? [] : [{ from, to, circle: [from, ...way] }];
  });
}

function shortestWay(
  start: string,
  goal: string,
  sends: readonly { from: string; to: string }[],
): readonly string[] | undefined {
  const seen = new Set([start]);
  const waiting: (readonly string[])[] = [[start]];
  for (let way = waiting.shift(); way !== undefined; way = waiting.shift()) {
    const last = way.at(-1);
    if (last === goal) {
      return way;
    }
    for (const { from, to } of sends) {
      if (from === last && !seen.has(to)) {
        seen.add(to);
        waiting.push([...way, to]);
      }
    }
  }
  return undefined;
}
