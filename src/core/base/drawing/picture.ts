/** What a drawing of a graph shows, without places. */
export type Picture = { title: string; boxes: readonly Box[]; arrows: readonly Arrow[] };

/** Each meaning has a shape of its own, so that it is recognized without colour. */
export type BoxShape =
  | "box"
  | "round"
  | "double-round"
  | "widening"
  | "narrowing"
  | "pointed"
  | "stack"
  | "side-stack"
  /** Something that is named and not there. */
  | "missing";

export type Box = {
  name: string;
  shape: BoxShape;
  /** One line below the name. */
  note: string;
  /** What a screen reader says instead of name and note. */
  label?: string;
  /** Where it stands in its text, from zero. */
  line?: number;
};

/** `isHeavy` arrows stand out. */
export type Arrow = { from: string; to: string; label: string; isHeavy?: boolean };
