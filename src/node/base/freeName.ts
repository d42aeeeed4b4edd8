import { access } from "node:fs/promises";

// A bound on the search; whoever has a hundred files of one name wants to choose another.
const MAX_NUMBER = 100;

/** The first of `plan(2)`, `plan(3)` and so on whose path is not taken. */
export async function planUnderFreeName<T extends { path: string }>(plan: (number: number) => Promise<T>): Promise<T> {
  for (let number = 2; ; number += 1) {
    const planned = await plan(number);
    if (number === MAX_NUMBER || (await isFree(planned.path))) {
      return planned;
    }
  }
}

async function isFree(path: string): Promise<boolean> {
  return await access(path).then(
    () => false,
    () => true,
  );
}
