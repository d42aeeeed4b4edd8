import type { Box } from "./picture.ts";

const BOX_HEIGHT = 48;
const STATUS_HEIGHT = 15;
// The widths of the fonts of a drawing are not known here; these are those of a wide one.
const NAME_CHARACTER = 8.2;
const NOTE_CHARACTER = 6.4;
const PADDING = 36;

/** Room around a drawing, in pixels. */
export const MARGIN = 16;

/** How large a box has to be for its texts, in pixels. */
export function sizeOf({ name, note, status }: Box): { width: number; height: number } {
  const notes = Math.max(note.length, status?.text.length ?? 0);
  return {
    width: Math.ceil(Math.max(name.length * NAME_CHARACTER, notes * NOTE_CHARACTER) + PADDING),
    height: BOX_HEIGHT + (status ? STATUS_HEIGHT : 0),
  };
}

/** How wide the label of an arrow is, in pixels. */
export function labelWidth(label: string): number {
  return label === "" ? 0 : label.length * NOTE_CHARACTER + 8;
}
