import type { Arrow, Box } from "./picture.ts";

export type Point = { x: number; y: number };

/** A picture with places, in pixels from the top left corner. A box is placed by its centre. */
export type PlacedPicture = {
  title: string;
  width: number;
  height: number;
  boxes: readonly (Box & Point & { width: number; height: number })[];
  arrows: readonly (Arrow & { points: readonly Point[]; labelAt?: Point })[];
};
