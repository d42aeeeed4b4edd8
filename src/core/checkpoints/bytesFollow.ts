import { withNoun } from "../base/withNoun.ts";

/** That a file goes on behind its end, as half a sentence. */
export function bytesFollow(count: number, end: string): string {
  return `${withNoun(count, "byte")} ${count === 1 ? "follows" : "follow"} ${end}`;
}
