import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutPicture, MAX_BOXES } from "../../../../src/core/base/drawing/layoutPicture.ts";
import type { PlacedPicture } from "../../../../src/core/base/drawing/placedPicture.ts";
import { seededRandom } from "../../../support/seededRandom.ts";

/** A graph of so many boxes, a few of them in the middle, with arrows between random ones. */
function denseGraph(boxes: number, arrows: number, middle: number): PlacedPicture {
  const random = seededRandom(7);
  const names = Array.from({ length: boxes }, (_, index) => `agent-${index}`);
  const any = () => names[Math.floor(random() * names.length)] ?? "";
  return layoutPicture({
    title: "dense",
    boxes: names.map((name) => ({ name, shape: "round", note: "custom agent" })),
    arrows: Array.from({ length: arrows }, () => ({ from: any(), to: any(), label: "" })).filter(
      ({ from, to }) => from !== to,
    ),
    middle: names.slice(0, middle),
  });
}

test("no two boxes touch, and everything lies inside of the drawing", () => {
  for (const [boxes, middle] of [
    [19, 3],
    [4, 0],
    [3, 3],
    [60, 1],
  ] as const) {
    const { boxes: placed, arrows, width, height } = denseGraph(boxes, boxes * 4, middle);
    for (const [index, a] of placed.entries()) {
      assert.ok(a.x - a.width / 2 >= 0 && a.x + a.width / 2 <= width && a.y - 24 >= 0 && a.y + 24 <= height, a.name);
      for (const b of placed.slice(index + 1)) {
        const isApart = Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= 48;
        assert.ok(isApart, `${a.name} and ${b.name}`);
      }
    }
    const outside = arrows
      .flatMap(({ points }) => points)
      .filter(({ x, y }) => x < 0 || x > width || y < 0 || y > height);
    assert.deepEqual(outside, []);
  }
});

test("an arrow begins and ends at its boxes, and two ends of one box are apart", () => {
  const { boxes, arrows } = denseGraph(19, 60, 3);
  const ends = new Set<string>();
  for (const { from, to, points } of arrows) {
    for (const [name, point] of [
      [from, points[0]],
      [to, points.at(-1)],
    ] as const) {
      const box = boxes.find((each) => each.name === name);
      assert.ok(box && point);
      assert.ok(Math.abs(Math.abs(point.x - box.x) - box.width / 2) <= 12, "at a side");
      assert.ok(Math.abs(point.y - box.y) <= 24);
      ends.add(`${name} ${point.x} ${point.y}`);
    }
  }
  assert.equal(ends.size, arrows.length * 2);
});

test("connected boxes end up near each other", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const { boxes } = layoutPicture({
    title: "pairs",
    boxes: names.map((name) => ({ name, shape: "round", note: "" })),
    arrows: ["ah", "bg", "cf", "de"].map(([from = "", to = ""]) => ({ from, to, label: "" })),
    middle: [],
  });
  const at = new Map(boxes.map((box) => [box.name, box]));
  for (const [from = "", to = ""] of ["ah", "bg", "cf", "de"]) {
    const [a, b] = [at.get(from), at.get(to)];
    assert.ok(a && b);
    assert.ok(a.x === b.x && Math.abs(a.y - b.y) < 80, `${from} and ${to}`);
  }
});

test("the largest drawing takes no time that a person would notice", () => {
  const before = process.threadCpuUsage();
  denseGraph(MAX_BOXES, MAX_BOXES * 4, 3);
  const { user, system } = process.threadCpuUsage(before);
  assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms`);
});

/** Points of the line as it is drawn: through the middles between the points of an arrow. */
function drawn(points: readonly { x: number; y: number }[]): { x: number; y: number }[] {
  const [first = { x: 0, y: 0 }] = points;
  const last = points.at(-1) ?? first;
  let start = first;
  return points.slice(1, -1).flatMap((control, index) => {
    const next = points[index + 2] ?? last;
    const isLast = index === points.length - 3;
    const end = isLast ? last : { x: (control.x + next.x) / 2, y: (control.y + next.y) / 2 };
    const piece = Array.from({ length: 51 }, (_, step) => {
      const t = step / 50;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      return { x: a * start.x + b * control.x + c * end.x, y: a * start.y + b * control.y + c * end.y };
    });
    start = end;
    return piece;
  });
}

test("an arrow from one side to the other goes past the boxes between", () => {
  const sides = Array.from({ length: 12 }, (_, index) => `side-${index}`);
  const middle = ["x", "y", "z"];
  const boxes = [...sides, ...middle].map((name) => ({ name, shape: "round" as const, note: "n" }));
  const arrows = sides.flatMap((from, index) =>
    sides.slice(index + 1).map((to) => ({ from, to, label: "sends", isHeavy: true })),
  );
  const placed = layoutPicture({ title: "t", boxes, arrows, middle });
  const between = placed.boxes.filter(({ name }) => middle.includes(name));
  for (const arrow of placed.arrows) {
    const line = drawn(arrow.points);
    for (const box of between) {
      const isHit = line.some(
        ({ x, y }) => Math.abs(x - box.x) < box.width / 2 && Math.abs(y - box.y) < box.height / 2,
      );
      assert.ok(!isHit, `${arrow.from} → ${arrow.to} crosses ${box.name}`);
    }
  }
});
