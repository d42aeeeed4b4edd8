/** A document that is longer than this is read in the editor, and not in the chat. */
const MAX_SHOWN_CHARACTERS = 9_000;

const count = (characters: number) => characters.toLocaleString("en-US");

/** The beginning of a long document as Markdown, which says where it was cut; `way`: how the whole of it is read. */
export function cutDocument(text: string, way: string): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) {
    return text;
  }
  const beginning = text.slice(0, MAX_SHOWN_CHARACTERS);
  const isInFence = (beginning.match(/^```/gm)?.length ?? 0) % 2 === 1;
  return `${beginning}${isInFence ? "\n```" : ""}\n\n⚠ Cut after ${count(MAX_SHOWN_CHARACTERS)} of ${count(text.length)} characters. ${way}`;
}
