/** What a drawing of a graph shows, without places. */
export type Picture = {
  title: string;
  boxes: readonly Box[];
  arrows: readonly Arrow[];
  /** Names of the boxes around which a graph is drawn that has too many arrows for layers. */
  middle?: readonly string[];
};

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
  /** How far it is, on a line of its own. */
  status?: BoxStatus;
  /** Where it stands in its text, from zero. */
  line?: number;
};

export type BoxStatus = { state: "running" | "done" | "failed" | "gone"; text: string };

/** `isHeavy` arrows stand out. */
export type Arrow = { from: string; to: string; label: string; isHeavy?: boolean };
