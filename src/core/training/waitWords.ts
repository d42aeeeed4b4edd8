/** What a sentence says about when a run shall start, and the sentence without it. */
export type WaitWords = { text: string; after?: string; isForFreeGpu: boolean };

const AFTER =
  /(?:^|[\s,])(?:start(?:ing)? )?(?:after|when|once) (?:the )?(?:run )?([\w.-]*[\w-])(?: (?:has |is )?(?:ended|ends|finished|finishes|done|over))?(?=$|[\s,.])/gi;
const FREE_GPU =
  /(?:^|[\s,])(?:(?:when|once|as soon as) (?:a|any|the next|one) gpu (?:is|becomes|gets) free|on (?:a|the (?:first|next)) free gpu)(?=$|[\s,.])/i;

/**
 * Understands "with lr 3e-4 after digits-1a2b" and "when a GPU is free". `isRun` says whether a word names a run: "after
 * warmup" may be part of something else.
 */
export function takeWaitWords(text: string, isRun: (word: string) => boolean): WaitWords {
  const isForFreeGpu = FREE_GPU.test(text);
  const rest = text.replace(FREE_GPU, " ");
  const named = [...rest.matchAll(AFTER)].find(([, word = ""]) => isRun(word));
  const after = named?.[1];
  if (named === undefined || after === undefined) {
    return { text: rest.trim(), isForFreeGpu };
  }
  const without = rest.slice(0, named.index) + rest.slice(named.index + named[0].length);
  return { text: without.trim(), after, isForFreeGpu };
}
