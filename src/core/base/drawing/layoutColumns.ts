import { MARGIN, sizeOf } from "./boxSize.ts";
import type { Arrow, Picture } from "./picture.ts";
import type { PlacedPicture, Point } from "./placedPicture.ts";

/** Of the left, the middle and the right. */
type Column = 0 | 1 | 2;
type Slot = { column: Column; row: number };

const ROW_HEIGHT = 66;
/** Between two columns, so that arrows have a slope that an eye can follow. */
const GAP = 150;
/** How far an arrow between two boxes of one outer column swings out. */
const SWING = 64;
/** Room on the side of a box at which arrows begin and end. */
const SIDE = 34;

/**
 * Lays out a graph in which nearly everything is connected, where layers would be a tall tangle: the boxes of `middle` in the
 * middle column, all others left and right of it, so placed that connected ones are near each other.
 */
export function layoutColumns({ title, boxes, arrows }: Picture, middle: readonly string[]): PlacedPicture {
  const names = boxes.map(({ name }) => name);
  const slots = chooseSlots(names, arrows, middle);
  const rows = Math.ceil(Math.max(1, ...[...slots.values()].map(({ row }) => row + 1)));
  const widths = ([0, 1, 2] as const).map((column) =>
    Math.max(0, ...boxes.filter(({ name }) => slots.get(name)?.column === column).map((box) => sizeOf(box).width)),
  );
  const [left = 0, centre = 0, right = 0] = widths;
  const centres = [
    MARGIN + SWING + left / 2,
    MARGIN + SWING + left + GAP + centre / 2,
    MARGIN + SWING + left + GAP + centre + GAP + right / 2,
  ];
  const placed = boxes.map((box) => {
    const { column, row } = slots.get(box.name) ?? { column: 1, row: 0 };
    return { ...box, ...sizeOf(box), x: centres[column] ?? 0, y: MARGIN + (row + 0.5) * ROW_HEIGHT };
  });
  return {
    title,
    width: Math.ceil(left + centre + right + 2 * (GAP + SWING + MARGIN)),
    height: Math.ceil(rows * ROW_HEIGHT + 2 * MARGIN),
    boxes: placed,
    arrows: connect(arrows, placed, slots),
  };
}

function chooseSlots(names: readonly string[], arrows: readonly Arrow[], middle: readonly string[]): Map<string, Slot> {
  const inner = names.filter((name) => middle.includes(name));
  const outer = names.filter((name) => !middle.includes(name));
  const half = Math.ceil(outer.length / 2);
  const slots = new Map<string, Slot>();
  outer.forEach((name, index) => {
    slots.set(name, index < half ? { column: 0, row: index } : { column: 2, row: index - half });
  });
  // Fewer boxes than beside them: spread over the same height.
  const step = Math.max(1, half / Math.max(1, inner.length));
  inner.forEach((name, index) => slots.set(name, { column: 1, row: (index + 0.5) * step - 0.5 }));
  shorten(slots, [outer, inner], arrows);
  return slots;
}

/** Swaps bring little after a few rounds, and take long among many boxes. */
const MAX_ROUNDS = 8;
const MAX_SWAPPED = 80;

/** Exchanges places within each group for as long as the arrows become shorter. */
function shorten(slots: Map<string, Slot>, groups: readonly (readonly string[])[], arrows: readonly Arrow[]): void {
  if (slots.size > MAX_SWAPPED) {
    return;
  }
  // Asked for thousands of times, while a box has few arrows.
  const ends = new Map(
    [...slots.keys()].map((name) => [name, arrows.filter(({ from, to }) => from === name || to === name)]),
  );
  const lengthAt = (name: string) =>
    (ends.get(name) ?? []).reduce((sum, { from, to }) => sum + lengthOf(slots.get(from), slots.get(to)), 0);
  const swap = (a: string, b: string) => {
    const [slotOfA, slotOfB] = [slots.get(a), slots.get(b)];
    if (slotOfA && slotOfB) {
      slots.set(a, slotOfB).set(b, slotOfA);
    }
  };
  let isShorter = true;
  for (let round = 0; isShorter && round < MAX_ROUNDS; round++) {
    isShorter = false;
    for (const group of groups) {
      for (const [index, a] of group.entries()) {
        for (const b of group.slice(index + 1)) {
          const before = lengthAt(a) + lengthAt(b);
          swap(a, b);
          if (lengthAt(a) + lengthAt(b) < before) {
            isShorter = true;
          } else {
            swap(a, b);
          }
        }
      }
    }
  }
}

/** In rows. An arrow within a column goes round the boxes between, and one past the middle crosses all others. */
function lengthOf(from: Slot | undefined, to: Slot | undefined): number {
  if (!from || !to) {
    return 0;
  }
  const detour = from.column === to.column ? 1 : Math.abs(from.column - to.column) === 2 ? 3 : 0;
  return Math.abs(from.row - to.row) + detour;
}

type PlacedBox = PlacedPicture["boxes"][number];
type End = { box: PlacedBox; side: -1 | 1; other: PlacedBox };

/** Each arrow from side to side; on one side of a box they are in the order of where they lead, so that few cross. */
function connect(
  arrows: readonly Arrow[],
  boxes: readonly PlacedBox[],
  slots: ReadonlyMap<string, Slot>,
): PlacedPicture["arrows"] {
  const byName = new Map(boxes.map((box) => [box.name, box]));
  const ends = arrows.flatMap((arrow) => {
    const [from, to] = [byName.get(arrow.from), byName.get(arrow.to)];
    if (!from || !to) {
      return [];
    }
    const outside = (slots.get(from.name)?.column ?? 1) === 2 ? 1 : -1;
    const isBeside = from.x === to.x;
    const start: End = { box: from, other: to, side: isBeside ? outside : to.x > from.x ? 1 : -1 };
    const end: End = { box: to, other: from, side: isBeside ? outside : to.x > from.x ? -1 : 1 };
    return [{ arrow, start, end }];
  });
  const all = ends.flatMap(({ start, end }) => [start, end]);
  const inner = boxes.filter(({ name }) => slots.get(name)?.column === 1);
  return ends.map(({ arrow, start, end }) => {
    const points = past(inner, bend(portOf(start, all), portOf(end, all), { start, end }));
    const [near, far] = points.slice(points.length / 2 - 1);
    const labelAt =
      near && far && arrow.label !== "" ? { x: (near.x + far.x) / 2, y: (near.y + far.y) / 2 } : undefined;
    return { ...arrow, points, ...(labelAt === undefined ? {} : { labelAt }) };
  });
}

function portOf(end: End, all: readonly End[]): Point {
  const { box, side } = end;
  const beside = all
    .filter((each) => each.box === box && each.side === side)
    .toSorted((a, b) => a.other.y - b.other.y || a.other.x - b.other.x);
  const share = (beside.indexOf(end) + 0.5) / beside.length - 0.5;
  // The ends of a box are round: away from its middle they lie further in.
  const inset = 4 * share * share * (box.height / 4);
  return { x: box.x + side * (box.width / 2 - inset), y: box.y + share * Math.min(SIDE, 9 * beside.length) };
}

/** Between an arrow and a box that it passes. */
const CLEARANCE = 16;
/** How far before the middle column an arrow that passes it is level already. */
const RUN_UP = 60;

/** An arrow from one outer column to the other goes past the boxes between, level at the free height that is nearest. */
function past(inner: readonly PlacedBox[], points: Point[]): Point[] {
  const [from, near, far, to] = points;
  const [first] = inner;
  const reach = Math.max(...inner.map(({ width }) => width / 2)) + RUN_UP;
  if (!from || !near || !far || !to || !first || (from.x - first.x) * (to.x - first.x) >= 0) {
    return points;
  }
  const side = from.x < to.x ? 1 : -1;
  const [enter, leave] = [first.x - side * reach, first.x + side * reach];
  if ((enter - from.x) * side <= 0 || (to.x - leave) * side <= 0) {
    // It begins or ends in the middle column.
    return points;
  }
  const isFree = (height: number) => inner.every((box) => Math.abs(height - box.y) > box.height / 2 + CLEARANCE - 1);
  const crossing = (from.y + to.y) / 2;
  const heights = inner.flatMap((box) => [-1, 1].map((way) => box.y + way * (box.height / 2 + CLEARANCE)));
  const [y = crossing] = [
    crossing,
    ...heights.toSorted((a, b) => Math.abs(a - crossing) - Math.abs(b - crossing)),
  ].filter(isFree);
  return [
    from,
    { x: from.x + (enter - from.x) * 0.4, y: from.y },
    { x: enter, y },
    { x: leave, y },
    { x: to.x + (leave - to.x) * 0.4, y: to.y },
    to,
  ];
}

function bend(from: Point, to: Point, { start, end }: { start: End; end: End }): Point[] {
  const reach = start.side === end.side ? SWING + 10 : Math.abs(to.x - from.x) * 0.4;
  return [from, { x: from.x + start.side * reach, y: from.y }, { x: to.x + end.side * reach, y: to.y }, to];
}
