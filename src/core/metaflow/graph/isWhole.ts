type StepMarks = { name: string; isStart: boolean; isEnd: boolean };

/** Whether steps have a start and an end, by their names or by their marks. */
export function isWhole(steps: readonly StepMarks[]): boolean {
  const hasStart = steps.some(({ name, isStart }) => isStart || name === "start");
  const hasEnd = steps.some(({ name, isEnd }) => isEnd || name === "end");
  return hasStart && hasEnd;
}
