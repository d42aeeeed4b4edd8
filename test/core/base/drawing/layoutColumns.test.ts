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
