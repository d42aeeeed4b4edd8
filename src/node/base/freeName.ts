import { lstat } from "node:fs/promises";
import { basename } from "node:path";
import { UserError } from "../../core/base/errors.ts";

// A bound on the search; whoever has a hundred files of one name wants to choose another.
const MAX_NUMBER = 100;

/** The first of `plan(2)`, `plan(3)` and so on whose path is not taken. Refuses where a hundred are. */
export async function planUnderFreeName<T extends { path: string }>(plan: (number: number) => Promise<T>): Promise<T> {
  for (let number = 2; ; number += 1) {
    const planned = await plan(number);
    if (await isFree(planned.path)) {
      return planned;
    }
    if (number === MAX_NUMBER) {
      throw new UserError(
        `${basename(planned.path)} is taken, and so is every lower number. Choose another name, or remove some of these files.`,
      );
    }
  }
}

/** A link that leads nowhere takes its name as well. */
async function isFree(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => false,
    () => true,
  );
}
