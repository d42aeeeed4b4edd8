const UNITS: readonly { name: string; seconds: number }[] = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3_600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
];

/** `0 s`, `42 s`, `1 min 42 s`, `2 h 5 min`, `3 d 4 h`: the largest unit and the one below it. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex((unit) => whole >= unit.seconds);
  const [large, small] = first === -1 ? [UNITS.at(-1)] : [UNITS[first], UNITS[first + 1]];
  if (large === undefined) {
    return "0 s";
  }
  const count = Math.floor(whole / large.seconds);
  const rest = small === undefined ? 0 : Math.floor((whole % large.seconds) / small.seconds);
  return rest === 0 || small === undefined ? `${count} ${large.name}` : `${count} ${large.name} ${rest} ${small.name}`;
}

/** `40 s left`, `4 min left`, `2 h 5 min left`: no more exact than a forecast is. */
export function formatRemaining(seconds: number): string {
  if (seconds < 60) {
    return `${Math.max(0, Math.round(seconds))} s left`;
  }
  return `${formatDuration(Math.round(seconds / 60) * 60)} left`;
}
